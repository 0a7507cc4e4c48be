// The two clocks of the project, as types that cannot be mixed up.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace unity {

using Duration = std::chrono::nanoseconds;
// When to act: monotonic, unaffected by anybody setting the clock.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
// What is recorded: UTC in microseconds.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

// "2026-01-31T12:00:00.250000Z"; the fraction is left out when it is zero.
std::string to_rfc3339(Time time);
// Accepts RFC 3339 with any offset and up to nanoseconds (cut to microseconds).
std::optional<Time> parse_rfc3339(std::string_view text);

// "1s", "250ms", "5m", "1h", "7d", "4w", "1y", or a bare number of seconds ("60", "0.5").
std::optional<Duration> parse_duration(std::string_view text);
// The shortest of the above that is exact: "90s", "1h".
std::string to_text(Duration duration);
// For people, rounded to the second: "4m12s", "2h", "3d4h".
std::string to_words(Duration duration);

}  // namespace unity
