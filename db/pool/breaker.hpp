// Keeps away from a server that cannot be connected to, so that whoever needs it hears so at once
// and it is not overrun when it comes back. Told what time it is; not for several threads.
#pragma once

#include <deque>
#include <optional>

#include "unity/core/base/time.hpp"

namespace unity::db {

class Breaker {
 public:
  static constexpr std::size_t kFailures = 5;  // so many within the window open it
  static constexpr Duration kWindow = std::chrono::seconds(15);
  static constexpr Duration kPause = std::chrono::seconds(1);  // doubles with each failed trial
  static constexpr Duration kPauseMax = std::chrono::seconds(30);

  // Nothing: connect, and tell how it went. Else how long to keep away; zero while somebody else is
  // trying. Once a pause is over, one is let through.
  std::optional<Duration> keep_away(Instant now);
  void failed(Instant now);
  void succeeded();

  bool is_open() const { return pause_ > Duration::zero(); }

 private:
  std::deque<Instant> failures_;  // within the window
  Duration pause_{};              // zero: closed
  Instant until_{};
  bool trying_ = false;
};

}  // namespace unity::db
