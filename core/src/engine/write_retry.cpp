#include "unity/core/engine/write_retry.hpp"

#include <algorithm>
#include <utility>

namespace unity {
namespace {

// Between half of it and all of it, so that many hosts do not come back to a server at once.
Duration jittered(Duration delay, double jitter) {
  const auto half = delay / 2;
  return half + Duration(static_cast<Duration::rep>(static_cast<double>(half.count()) * jitter));
}

Duration backed_off(std::uint64_t failures) {
  const auto doublings = std::min<std::uint64_t>(failures - 1, 16);
  return std::min<Duration>(WriteRetry::kDelayMax, WriteRetry::kDelay * (1 << doublings));
}

}  // namespace

std::string_view to_text(Circuit circuit) {
  switch (circuit) {
    case Circuit::closed:
      return "closed";
    case Circuit::open:
      return "open";
    case Circuit::paused:
      return "paused";
  }
  return "";
}

WriteDecision WriteRetry::failed(Errc error, std::size_t records, double jitter) {
  using Action = WriteDecision::Action;
  if (error == Errc::invalid) return {records > 1 ? Action::split : Action::reject, {}};

  ++failures_;
  const bool unknown = error == Errc::internal;
  unknown_ = unknown ? unknown_ + 1 : 0;
  const bool heals = error == Errc::unavailable || (unknown && unknown_ <= kUnknownMax);
  if (!heals) {
    circuit_ = Circuit::paused;
    return {Action::retry, jittered(kPause, jitter)};
  }
  circuit_ = failures_ >= kOpenAfter ? Circuit::open : Circuit::closed;
  return {Action::retry, jittered(backed_off(failures_), jitter)};
}

void WriteRetry::succeeded() { *this = {}; }

}  // namespace unity
