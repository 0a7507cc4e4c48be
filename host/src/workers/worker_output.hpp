// What a worker prints: its last lines are kept for when it is asked how it ended, and it goes into
// the log as far as there is room for it. A plugin may print without end, and anything.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::host {

// One thread.
class WorkerOutput {
 public:
  static constexpr std::size_t kLinesKept = 20;
  static constexpr std::size_t kLineMax = 500;
  // Into the log, each second; the others are counted.
  static constexpr std::size_t kLinesASecond = 10;
  // So much is read in a tenth of a second at most, so that a flood does not cost a processor.
  static constexpr std::size_t kBytesAtOnce = std::size_t{64} << 10;
  static constexpr Duration kPause = std::chrono::milliseconds(100);

  // `who`: for the log, "collector web".
  explicit WorkerOutput(std::string who) : who_(std::move(who)) {}

  void take(std::string_view bytes, Instant now);
  // Whether the next bytes are to wait for kPause.
  bool wants_pause(Instant now) const;
  // No more comes: what has no end of line is a line, and what was not told is counted.
  void finish();

  std::vector<std::string> last_lines() const { return {last_lines_.begin(), last_lines_.end()}; }
  const std::string& who() const { return who_; }

 private:
  void end_line();
  void tell_suppressed();

  std::string who_;
  std::string line_;
  std::deque<std::string> last_lines_;
  Instant second_{};  // since when the lines are counted
  std::size_t told_ = 0;
  std::uint64_t suppressed_ = 0;
  Instant moment_{};  // since when the bytes are
  std::size_t bytes_ = 0;
};

}  // namespace unity::host
