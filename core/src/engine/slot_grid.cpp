#include "unity/core/engine/slot_grid.hpp"

#include <array>

namespace unity {
namespace {

using namespace std::chrono_literals;

// Each divides a second, so that slots of different intervals coincide.
constexpr std::array<Duration, 5> kSpacings = {100ms, 50ms, 20ms, 10ms, 5ms};
constexpr Duration kNone{1};
constexpr Duration kDay = 24h;

Duration place_in(Duration range, std::uint64_t hash) {
  return Duration(static_cast<Duration::rep>(hash % static_cast<std::uint64_t>(range.count())));
}

}  // namespace

std::uint64_t SlotGrid::per_day(Duration interval) {
  return static_cast<std::uint64_t>(kDay / interval);
}

Duration SlotGrid::spacing(Duration interval) const {
  for (const auto spacing : kSpacings) {
    if (interval < kSlotsMin * spacing) continue;
    const auto slots_per_day = static_cast<std::uint64_t>(kDay / spacing);
    if (spacing == kSpacings.back() || runs_per_day_ <= kRunsAtOnce * slots_per_day) return spacing;
  }
  return kNone;
}

Duration SlotGrid::offset(Duration interval, std::uint64_t slot_hash,
                          std::uint64_t host_hash) const {
  const auto step = spacing(interval);
  const auto place = place_in(interval, slot_hash);
  // The host's own shift is below the spacing: no slot leaves the interval.
  const auto shifted = place - place % step + place_in(step, host_hash);
  return shifted < interval ? shifted : shifted - step;
}

}  // namespace unity
