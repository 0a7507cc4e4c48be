// Reads times by a pattern such as "%d/%b/%Y:%H:%M:%S %z", with English names whatever the locale.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/core/base/time_zone.hpp"

namespace unity {

class TimeFormat {
 public:
  // %Y %m %d %H %M %S, %y %e %j %I %p, %b %B %a %A (names), %f (a fraction of a second: digits
  // after the point), %z (Z, +02:00 or +0200), %s (seconds since the epoch), %T %F %D, %%.
  // A space in the pattern stands for any number of spaces.
  static Result<TimeFormat> parse(std::string pattern);

  // `zone` is that of texts without %z; without a zone they are UTC.
  std::optional<Time> read(std::string_view text, const TimeZone* zone) const;

 private:
  explicit TimeFormat(std::string pattern) : pattern_(std::move(pattern)) {}
  std::string pattern_;
};

}  // namespace unity
