#include "unity/core/engine/health_report.hpp"

#include <fmt/format.h>

namespace unity {
namespace {

void append(std::string& text, std::string_view more) {
  if (more.empty()) return;
  if (!text.empty()) text += "; ";
  text += more;
}

// "next try in 4m12s"
std::string next_try(const Schedule::View& view, Instant now) {
  if (!view.next_run) return {};
  const auto left = std::chrono::ceil<std::chrono::seconds>(*view.next_run - now);
  if (left <= std::chrono::seconds(0)) return "next try at once";
  return "next try in " + to_words(left);
}

std::string failures(const Health& health) {
  return fmt::format("{} {} in a row", health.consecutive_errors(),
                     health.consecutive_errors() == 1 ? "failure" : "failures");
}

}  // namespace

HealthState state_of(const Health& health, Standing standing, bool stretched) {
  if (health.state() == HealthState::wedged) return HealthState::wedged;
  if (health.state() == HealthState::quarantined && standing == Standing::parked) {
    return HealthState::quarantined;
  }
  if (standing != Standing::regular) return HealthState::paused;
  // It may run again, so it is not paused any more.
  const bool stood_still =
      health.state() == HealthState::paused || health.state() == HealthState::quarantined;
  if (stood_still || stretched) return HealthState::degraded;
  return health.state();
}

HealthReport report_of(const Health& health, const Schedule::View& view, Instant now) {
  HealthReport condition;
  condition.state = state_of(health, view.standing, !view.pace_reason.empty());
  auto& reason = condition.reason;
  if (condition.state == HealthState::wedged) {
    reason = health.reason();
    return condition;
  }
  switch (view.standing) {
    case Standing::held:
      reason = "an operator paused it; resume it with `unity resume`";
      break;
    case Standing::parked:
      reason = health.reason();
      return condition;
    case Standing::probing:
      reason = fmt::format("paused after {} slots failed in a row", view.failed_slots);
      break;
    case Standing::regular:
      break;
  }
  if (health.consecutive_errors() > 0 && view.standing != Standing::held) {
    append(reason, next_try(view, now));
    append(reason, failures(health));
  }
  append(reason, view.pace_reason);
  append(reason, health.reason());
  return condition;
}

}  // namespace unity
