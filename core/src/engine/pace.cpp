#include "unity/core/engine/pace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace unity {
namespace {

// One slot moves the rate by a fifth of the way: after four failures more than half have failed.
constexpr double kWeight = 0.2;
// The first probe comes after so many intervals, and not sooner than a minute.
constexpr int kProbeIntervals = 10;
constexpr Duration kProbeDelayMin = std::chrono::minutes(1);
constexpr int kProbeDoublingsMax = 20;

}  // namespace

bool Pace::slot_ended(const PacePolicy& policy, bool succeeded) {
  error_rate_ += kWeight * ((succeeded ? 0.0 : 1.0) - error_rate_);
  failed_slots_ = succeeded ? 0 : failed_slots_ + 1;
  factor_ = std::clamp(1 + static_cast<int>(std::floor(error_rate_ * policy.stretch_max)), 1,
                       policy.stretch_max);
  return policy.pause_after > 0 && failed_slots_ >= policy.pause_after;
}

Duration Pace::probe_delay(const PacePolicy& policy, Duration interval) const {
  // An interval above the bound is its own bound: a probe never comes sooner than a run would.
  const auto most = std::max(policy.probe_delay_max, interval);
  if (interval > most / kProbeIntervals) return most;
  const auto first = std::max(interval * kProbeIntervals, kProbeDelayMin);
  const double delay =
      static_cast<double>(first.count()) * std::ldexp(1.0, std::min(probes_, kProbeDoublingsMax));
  return delay < static_cast<double>(most.count()) ? Duration(static_cast<Duration::rep>(delay))
                                                   : most;
}

std::string Pace::reason(Duration interval) const {
  if (factor_ == 1) return {};
  return fmt::format(
      "it runs every {} instead of every {}, because {:.0f} % of its last runs failed",
      to_text(interval * factor_), to_text(interval), error_rate_ * 100);
}

}  // namespace unity
