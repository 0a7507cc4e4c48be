#include "unity/core/engine/clock_watch.hpp"

#include <fmt/format.h>

namespace unity {
namespace {

std::string rounded(Duration duration) {
  return to_text(std::chrono::round<std::chrono::seconds>(duration));
}

}  // namespace

std::optional<ClockChange> ClockWatch::look(const ClockReading& now) {
  ClockChange change;
  change.slept = (now.boot - last_.boot) - (now.mono - last_.mono);
  change.set_by = (now.since_epoch - last_.since_epoch) - (now.boot - last_.boot);
  last_ = now;
  if (change.slept <= kTolerance) change.slept = {};
  if (abs(change.set_by) <= kTolerance) change.set_by = {};
  if (change.slept == Duration::zero() && change.set_by == Duration::zero()) return std::nullopt;
  return change;
}

std::string ClockChange::text() const {
  std::string text;
  if (slept > Duration::zero()) text = fmt::format("the machine slept for {}", rounded(slept));
  if (set_by == Duration::zero()) return text;
  return fmt::format("{}{}the clock was set {} by {}", text, text.empty() ? "" : " and ",
                     set_by < Duration::zero() ? "back" : "forward", rounded(abs(set_by)));
}

}  // namespace unity
