// What a failed run leads to: by the class of its error, not by its text.
#pragma once

#include <optional>

#include "unity/core/base/time.hpp"
#include "unity/core/ports/collector.hpp"

namespace unity {

struct RetryPolicy {
  int count = 3;                              // retries after a failed run, before giving up
  Duration delay = std::chrono::seconds(10);  // before the first retry
  double backoff = 2;                         // each further delay is this much longer
  Duration delay_max = std::chrono::minutes(5);

  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

struct RetryState {
  int attempts = 0;  // retries since the last success or regular run
};

struct RetryDecision {
  enum class Action {
    regular,  // wait for the regular slot
    retry,    // run again after `delay`, if that is before the regular slot
    defer,    // do not run before `delay` has passed, even if a regular slot comes first
    park,     // do not run again
  };
  Action action = Action::regular;
  Duration delay{};
};

RetryDecision decide_retry(const RetryPolicy& policy, RetryState& state, const RunResult& result,
                           Duration interval);

}  // namespace unity
