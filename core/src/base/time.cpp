#include "unity/core/base/time.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace unity {
namespace {

// What two digits make; large if they are none.
unsigned two_digits(const char* at) {
  const auto tens = static_cast<unsigned>(at[0] - '0');
  const auto ones = static_cast<unsigned>(at[1] - '0');
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 1'000'000;
}

struct Unit {
  std::string_view name;
  Duration length;
};
constexpr std::array<Unit, 9> kUnits{{{"y", std::chrono::hours(365 * 24)},
                                      {"w", std::chrono::hours(7 * 24)},
                                      {"d", std::chrono::hours(24)},
                                      {"h", std::chrono::hours(1)},
                                      {"m", std::chrono::minutes(1)},
                                      {"s", std::chrono::seconds(1)},
                                      {"ms", std::chrono::milliseconds(1)},
                                      {"us", std::chrono::microseconds(1)},
                                      {"ns", std::chrono::nanoseconds(1)}}};

}  // namespace

std::string to_rfc3339(Time time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                          clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (clock.subseconds().count() != 0) {
    text += fmt::format(".{:06}", clock.subseconds().count());
  }
  return text + "Z";
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view kShortest = "2026-01-31T12:00:00Z";
  if (text.size() < kShortest.size()) return std::nullopt;
  const char* at = text.data();
  const char* end = at + text.size();
  const bool marked = at[4] == '-' && at[7] == '-' && at[13] == ':' && at[16] == ':' &&
                      (at[10] == 'T' || at[10] == 't' || at[10] == ' ');
  const auto y = two_digits(at) * 100 + two_digits(at + 2);
  const auto h = two_digits(at + 11);
  const auto min = two_digits(at + 14);
  const auto s = two_digits(at + 17);
  // 60 is a leap second; it counts as the next minute's first.
  if (!marked || y > 9999 || h > 23 || min > 59 || s > 60) return std::nullopt;
  const year_month_day date{year(static_cast<int>(y)), month(two_digits(at + 5)),
                            day(two_digits(at + 8))};
  if (two_digits(at + 5) > 12 || two_digits(at + 8) > 31 || !date.ok()) return std::nullopt;
  at += 19;

  std::int64_t micros = 0;
  if (*at == '.') {
    const char* from = ++at;
    std::int64_t weight = 100'000;
    for (; at < end && *at >= '0' && *at <= '9'; ++at, weight /= 10) {
      micros += (*at - '0') * weight;
    }
    if (at == from || at == end) return std::nullopt;
  }

  minutes offset{0};
  const char sign = *at++;
  if (sign == '+' || sign == '-') {
    if (end - at != 5 || at[2] != ':') return std::nullopt;
    const auto offset_h = two_digits(at);
    const auto offset_min = two_digits(at + 3);
    if (offset_h > 23 || offset_min > 59) return std::nullopt;
    offset = hours(offset_h) + minutes(offset_min);
    if (sign == '-') offset = -offset;
  } else if ((sign != 'Z' && sign != 'z') || at != end) {
    return std::nullopt;
  }
  return Time(sys_days(date)) + hours(h) + minutes(min) + seconds(s) + microseconds(micros) -
         offset;
}

std::optional<Duration> parse_duration(std::string_view text) {
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (error != std::errc() || !std::isfinite(amount) || amount < 0) return std::nullopt;
  const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& unit : kUnits) {
    if (unit.name != (name.empty() ? "s" : name)) continue;
    const double nanos = amount * static_cast<double>(unit.length.count());
    if (nanos > 9.2e18) return std::nullopt;
    return Duration(std::llround(nanos));
  }
  return std::nullopt;
}

std::string to_text(Duration duration) {
  for (const auto& unit : kUnits) {
    if (duration.count() != 0 && duration % unit.length == Duration::zero()) {
      return fmt::format("{}{}", duration / unit.length, unit.name);
    }
  }
  return "0s";
}

std::string to_words(Duration duration) {
  auto left = std::chrono::round<std::chrono::seconds>(duration);
  std::string text;
  int parts = 0;
  for (const auto& unit : kUnits) {
    const auto length = std::chrono::duration_cast<std::chrono::seconds>(unit.length);
    if (length == std::chrono::seconds(0) || unit.length > std::chrono::hours(24)) continue;
    const auto count = left / length;
    left -= count * length;
    if (count == 0 && parts == 0) continue;
    if (count != 0) text += fmt::format("{}{}", count, unit.name);
    if (++parts == 2) break;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace unity
