#include "unity/core/engine/retry.hpp"

#include <algorithm>
#include <cmath>

namespace unity {
namespace {

Duration delay_of(const RetryPolicy& policy, int attempt) {
  const double factor = std::pow(policy.backoff, attempt);
  const double nanos = static_cast<double>(policy.delay.count()) * factor;
  return nanos < static_cast<double>(policy.delay_max.count())
             ? Duration(static_cast<Duration::rep>(nanos))
             : policy.delay_max;
}

}  // namespace

RetryDecision decide_retry(const RetryPolicy& policy, RetryState& state, const RunResult& result,
                           Duration interval) {
  using Action = RetryDecision::Action;
  switch (result.run_class) {
    case RunClass::ok:
    case RunClass::partial:
      state = {};
      return {};
    case RunClass::cancelled:
      return {};
    case RunClass::config:
    case RunClass::permanent:
    case RunClass::quarantined:
      return {Action::park, {}};
    case RunClass::auth:
      // Asking again at once may lock an account.
      return {Action::defer, std::max({result.retry_after, policy.delay_max, interval})};
    case RunClass::transient:
    case RunClass::timeout:
    case RunClass::internal:
      break;
  }
  if (result.retry_after > Duration::zero()) return {Action::defer, result.retry_after};
  if (state.attempts >= policy.count) return {};
  return {Action::retry, delay_of(policy, state.attempts++)};
}

}  // namespace unity
