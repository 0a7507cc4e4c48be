// How often an instance that fails is asked: less often the more of its runs fail, and after many
// failures in a row only by a probe now and then, until one succeeds.
#pragma once

#include <string>

#include "unity/core/base/time.hpp"

namespace unity {

struct PacePolicy {
  int pause_after = 10;  // slots that failed in a row, with their retries; 0: never
  int stretch_max = 4;   // the longest pace, in intervals; 1: never stretched
  Duration probe_delay_max = std::chrono::hours(1);

  friend bool operator==(const PacePolicy&, const PacePolicy&) = default;
};

class Pace {
 public:
  // A slot is over, its retries included. True if that pauses the instance.
  bool slot_ended(const PacePolicy& policy, bool succeeded);
  void probe_failed() { ++probes_; }
  // All is well again, because a probe or an operator says so.
  void reset() { *this = {}; }

  // A run is due every so many intervals.
  int factor() const { return factor_; }
  // How long a paused instance waits for its next probe: longer each time.
  Duration probe_delay(const PacePolicy& policy, Duration interval) const;
  double error_rate() const { return error_rate_; }
  int failed_slots() const { return failed_slots_; }  // in a row

  // Why the interval is not the configured one, as a sentence; empty while it is.
  std::string reason(Duration interval) const;

 private:
  double error_rate_ = 0;  // of slots; the last ones weigh most
  int failed_slots_ = 0;
  int factor_ = 1;
  int probes_ = 0;  // that failed, since the pause began
};

}  // namespace unity
