#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include "base/progress_bar.hpp"
#include "base/terminal.hpp"
#include "commands/support.hpp"
#include "commands/transfer.hpp"

namespace unity::host {
namespace {

// Nothing if standard error is no terminal. The last column stays free, else some wrap the line.
std::optional<std::size_t> find_terminal_width() {
  const auto size = terminal_size(STDERR_FILENO);
  return size ? std::optional(std::max<std::size_t>(size->columns, 2) - 1) : std::nullopt;
}

}  // namespace

struct TransferScreen::State {
  std::optional<std::size_t> width = find_terminal_width();
  ProgressBar bar;
  bool drawn = false;
  std::uint64_t rows_before = 0;  // of the tables before this one
  std::string doing;

  void draw(const db::TransferProgress& progress) {
    const auto line = bar.line(std::chrono::steady_clock::now(), progress.doing, progress.table,
                               progress.rows, progress.total, *width);
    if (!line) return;
    // Back to the front, and away with what is left of a longer line.
    std::fputs(fmt::format("\r{}\x1b[K", *line).c_str(), stderr);
    drawn = true;
  }

  void tell(const db::TransferProgress& progress) {
    if (doing != progress.doing) rows_before = 0;
    doing = progress.doing;
    if (!progress.table_done) return;
    const auto rows = progress.rows - rows_before;
    rows_before = progress.rows;
    if (rows == 0) return;
    std::fputs(fmt::format("{}: {}, {} rows\n", doing, progress.table, rows).c_str(), stderr);
  }
};

TransferScreen::TransferScreen() : state_(std::make_unique<State>()) {}

TransferScreen::~TransferScreen() {
  if (state_->drawn) std::fputs("\r\x1b[K", stderr);
}

db::OnTransferProgress TransferScreen::listener() {
  return [this](const db::TransferProgress& progress) {
    state_->width ? state_->draw(progress) : state_->tell(progress);
  };
}

json::Value to_json(const db::TransferSummary& summary) {
  json::Object tables;
  for (const auto& table : summary.tables) {
    tables.emplace_back(table.name, json::Object{{"rows", table.rows}, {"sha256", table.sha256}});
  }
  return json::Object{{"database", summary.place},
                      {"format", summary.format},
                      {"schema", summary.schema},
                      {"rows", summary.rows()},
                      {"tables", std::move(tables)}};
}

}  // namespace unity::host
