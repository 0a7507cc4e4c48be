#include "unity/core/engine/health.hpp"

#include <fmt/format.h>

namespace unity {

std::string_view to_text(HealthState state) {
  switch (state) {
    case HealthState::healthy:
      return "healthy";
    case HealthState::degraded:
      return "degraded";
    case HealthState::paused:
      return "paused";
    case HealthState::quarantined:
      return "quarantined";
    case HealthState::wedged:
      return "wedged";
  }
  return "wedged";
}

void Health::ran(const RunResult& result, Time at) {
  if (result.run_class == RunClass::cancelled) return;
  ++runs_;
  last_run_ = at;
  if (succeeded(result.run_class)) {
    consecutive_errors_ = 0;
    last_success_ = at;
    const bool ok = result.run_class == RunClass::ok;
    state_ = ok ? HealthState::healthy : HealthState::degraded;
    reason_ = ok ? std::string() : result.message;
    if (result.exhausted) {
      state_ = HealthState::paused;
      reason_ = "its source has come to its end; `unity resume` begins anew";
    }
    return;
  }
  ++errors_;
  ++consecutive_errors_;
  last_error_ = result.message;
  switch (result.run_class) {
    case RunClass::config:
      state_ = HealthState::paused;
      reason_ = fmt::format("its configuration is wrong, mend it: {}", result.message);
      break;
    case RunClass::permanent:
      state_ = HealthState::paused;
      reason_ =
          fmt::format("it cannot succeed until something is mended, then `unity resume` it: {}",
                      result.message);
      break;
    case RunClass::quarantined:
      state_ = HealthState::quarantined;
      reason_ = result.message;
      break;
    default:
      state_ = HealthState::degraded;
      reason_ = fmt::format("{} error: {}", to_text(result.run_class), result.message);
  }
}

void Health::streams(Time at) {
  consecutive_errors_ = 0;
  last_success_ = at;
  state_ = HealthState::healthy;
  reason_.clear();
}

void Health::wedged(std::string reason) {
  state_ = HealthState::wedged;
  reason_ = std::move(reason);
}

}  // namespace unity
