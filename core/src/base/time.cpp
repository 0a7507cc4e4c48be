#include "unity/core/base/time.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace unity {
namespace {

// Reads exactly `digits` decimal digits at `at` and moves on; nothing else will do.
std::optional<int> take_digits(std::string_view text, std::size_t& at, std::size_t digits) {
  if (text.size() < at + digits) return std::nullopt;
  int value = 0;
  for (std::size_t end = at + digits; at < end; ++at) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool take(std::string_view text, std::size_t& at, std::string_view any_of) {
  if (at >= text.size()) return false;
  for (const char one : any_of) {  // a search by the library costs more than these few
    if (text[at] != one) continue;
    ++at;
    return true;
  }
  return false;
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
  std::size_t at = 0;
  const auto y = take_digits(text, at, 4);
  if (!y || !take(text, at, "-")) return std::nullopt;
  const auto mon = take_digits(text, at, 2);
  if (!mon || !take(text, at, "-")) return std::nullopt;
  const auto d = take_digits(text, at, 2);
  if (!d || !take(text, at, "Tt ")) return std::nullopt;
  const auto h = take_digits(text, at, 2);
  if (!h || !take(text, at, ":")) return std::nullopt;
  const auto min = take_digits(text, at, 2);
  if (!min || !take(text, at, ":")) return std::nullopt;
  const auto s = take_digits(text, at, 2);
  if (!s) return std::nullopt;

  std::int64_t micros = 0;
  if (take(text, at, ".")) {
    std::size_t digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
      if (digits < 6) micros = micros * 10 + (text[at] - '0');
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits) micros *= 10;
  }

  minutes offset{0};
  if (!take(text, at, "Zz")) {
    const bool behind = at < text.size() && text[at] == '-';
    if (!take(text, at, "+-")) return std::nullopt;
    const auto offset_h = take_digits(text, at, 2);
    if (!offset_h || !take(text, at, ":")) return std::nullopt;
    const auto offset_min = take_digits(text, at, 2);
    if (!offset_min || *offset_h > 23 || *offset_min > 59) return std::nullopt;
    offset = hours(*offset_h) + minutes(*offset_min);
    if (behind) offset = -offset;
  }
  if (at != text.size()) return std::nullopt;

  const year_month_day date{year(*y), month(static_cast<unsigned>(*mon)),
                            day(static_cast<unsigned>(*d))};
  // 60 is a leap second; it counts as the next minute's first.
  if (!date.ok() || *h > 23 || *min > 59 || *s > 60) return std::nullopt;
  return Time(sys_days(date)) + hours(*h) + minutes(*min) + seconds(*s) + microseconds(micros) -
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
