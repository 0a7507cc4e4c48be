#include "base/progress_bar.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.hpp"

namespace unity::host {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(100);
constexpr Duration kFirstGuess = std::chrono::seconds(1);  // before it, a rate says little
constexpr std::size_t kBarWidth = 20;

double to_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::optional<std::string> ProgressBar::line(Instant now, std::string_view work,
                                             std::string_view part, std::uint64_t done,
                                             std::uint64_t total, std::size_t width) {
  if (work_ != work) {
    work_ = work;
    began_ = now;
  } else if (now - shown_ < kPause) {
    return std::nullopt;
  }
  shown_ = now;
  const double share =
      total == 0 ? 1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(share * kBarWidth);
  auto text = fmt::format("{} [{}{}] {:3.0f} %  {} rows", work, std::string(filled, '#'),
                          std::string(kBarWidth - filled, '.'), share * 100, count_text(done));
  if (const auto passed = now - began_; passed >= kFirstGuess && done > 0) {
    const auto rate = static_cast<double>(done) / to_seconds(passed);
    const auto left = static_cast<double>(total - std::min(done, total)) / rate;
    text += fmt::format(
        ", {}/s, {} left", count_text(static_cast<std::uint64_t>(rate)),
        span_text(std::chrono::round<std::chrono::seconds>(std::chrono::duration<double>(left))));
  }
  text += fmt::format("  {}", part);
  return text.substr(0, width);
}

}  // namespace unity::host
