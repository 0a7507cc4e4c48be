#include "app/live_view.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/terminal.hpp"

namespace unity::host {
namespace {

constexpr Duration kRedraw = std::chrono::seconds(1);
constexpr Duration kReprint = std::chrono::seconds(5);
constexpr std::size_t kPlainWidth = 160;

// The first `rows` lines: a screen that is taller than the terminal would scroll.
std::string top(const std::string& text, std::size_t rows) {
  std::size_t at = 0;
  while (rows-- > 1 && at < text.size()) at = std::min(text.find('\n', at), text.size() - 1) + 1;
  return text.substr(0, at);
}

bool can_redraw() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

LiveView::LiveView(EventLoop& loop, std::function<std::string(std::size_t)> render)
    : timer_(loop), render_(std::move(render)), terminal_(can_redraw()) {
  if (terminal_) print("\x1b[?25l\x1b[2J");  // hide the cursor, clear
  // The first values are there within a moment.
  timer_.set(std::chrono::steady_clock::now() + std::chrono::milliseconds(300), [this] { show(); });
}

LiveView::~LiveView() {
  if (terminal_) print("\x1b[?25h");
}

void LiveView::show() {
  if (terminal_) {
    const auto size = terminal_size(STDOUT_FILENO).value_or(TerminalSize{80, 24});
    std::string text;
    // Each line clears what was behind it, so that nothing flickers.
    for (const char c : top(render_(size.columns), size.rows)) {
      if (c == '\n') text += "\x1b[K";
      text += c;
    }
    print("\x1b[H" + text + "\x1b[J");
  } else {
    print(render_(kPlainWidth) + "\n");
  }
  timer_.set(std::chrono::steady_clock::now() + (terminal_ ? kRedraw : kReprint),
             [this] { show(); });
}

}  // namespace unity::host
