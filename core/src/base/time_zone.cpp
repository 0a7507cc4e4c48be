#include "unity/core/base/time_zone.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include "unity/core/base/suggest.hpp"

namespace unity {

Result<TimeZone> TimeZone::find(const std::string& name) {
  try {
    return TimeZone(date::locate_zone(name));
  } catch (const std::exception&) {
    // Not there, or no database: told apart below.
  }
  try {
    std::vector<std::string> names;
    for (const auto& zone : date::get_tzdb().zones) names.push_back(zone.name());
    const auto near = nearest(name, names);
    return Error{Errc::invalid,
                 fmt::format("there is no time zone \"{}\"{}", name,
                             near ? fmt::format("; did you mean \"{}\"?", *near)
                                  : "; zones have names such as Europe/Berlin or UTC")};
  } catch (const std::exception& failure) {
    return Error{Errc::invalid,
                 fmt::format("cannot read the time zones of this system: {}; install tzdata",
                             failure.what())};
  }
}

Time TimeZone::to_utc(std::chrono::local_time<std::chrono::microseconds> local) const {
  const auto* zone = static_cast<const date::time_zone*>(zone_);
  const date::local_time<std::chrono::microseconds> wanted(local.time_since_epoch());
  const auto info = zone->get_info(wanted);
  // Also in a gap: the offset before it puts the time as far behind the change as it claims.
  return Time(wanted.time_since_epoch() - info.first.offset);
}

}  // namespace unity
