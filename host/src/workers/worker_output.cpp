#include "workers/worker_output.hpp"

#include <utility>

#include "log/log.hpp"
#include "unity/core/base/text.hpp"

namespace unity::host {
void WorkerOutput::take(std::string_view bytes, Instant now) {
  if (now - moment_ >= kPause) {
    moment_ = now;
    bytes_ = 0;
  }
  bytes_ += bytes.size();
  if (now - second_ >= std::chrono::seconds(1)) {
    tell_suppressed();
    second_ = now;
    told_ = 0;
  }
  for (const char c : bytes) {
    if (c == '\n') {
      end_line();
      continue;
    }
    if (line_.size() == kLineMax) end_line();
    line_ += c;
  }
}

bool WorkerOutput::wants_pause(Instant now) const {
  return bytes_ >= kBytesAtOnce && now - moment_ < kPause;
}

void WorkerOutput::finish() {
  if (!line_.empty()) end_line();
  tell_suppressed();
}

void WorkerOutput::end_line() {
  if (last_lines_.size() == kLinesKept) last_lines_.pop_front();
  last_lines_.push_back(one_line(std::exchange(line_, {}), kLineMax));
  if (told_ == kLinesASecond) {
    ++suppressed_;
    return;
  }
  ++told_;
  log_info("{} prints: {}", who_, last_lines_.back());
}

void WorkerOutput::tell_suppressed() {
  if (suppressed_ == 0) return;
  log_warn("{} prints too much: {} lines are not shown", who_, std::exchange(suppressed_, 0));
}

}  // namespace unity::host
