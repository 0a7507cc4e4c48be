#include "unity/core/base/time_format.hpp"

#include <fmt/format.h>

#include <array>
#include <span>

namespace unity {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kDays{"sunday",   "monday", "tuesday", "wednesday",
                                                "thursday", "friday", "saturday"};
constexpr std::string_view kKnown = "YmdHMSyejIpbBaAfzsTFD%";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// What has been read so far of one text.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}

  bool follow(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] == ' ') {
        skip_spaces();
      } else if (pattern[i] != '%') {
        if (!take(pattern[i])) return false;
      } else if (!field(pattern[++i])) {
        return false;
      }
    }
    return true;
  }
  bool at_end() const { return text_.empty(); }

  std::optional<Time> result(const TimeZone* zone) const {
    if (epoch_) return Time(seconds(*epoch_) + fraction_);
    if (pm_ && (hour_ < 1 || hour_ > 12)) return std::nullopt;
    const int hour = pm_ ? hour_ % 12 + (*pm_ ? 12 : 0) : hour_;
    auto date = year_month_day(year(year_), month(static_cast<unsigned>(month_)),
                               day(static_cast<unsigned>(day_)));
    if (!date.ok() || hour > 23 || minute_ > 59 || second_ > 60) return std::nullopt;
    if (day_of_year_) {
      date = sys_days(year(year_) / January / 1) + days(*day_of_year_ - 1);
      if (date.year() != year(year_)) return std::nullopt;
    }
    const local_time<microseconds> local(sys_days(date).time_since_epoch() + hours(hour) +
                                         minutes(minute_) + seconds(second_) + fraction_);
    if (offset_) return Time(local.time_since_epoch() - *offset_);
    return zone != nullptr ? zone->to_utc(local) : Time(local.time_since_epoch());
  }

 private:
  bool field(char letter) {
    switch (letter) {
      case 'Y':
        return number(4, 4, year_);
      case 'y':
        return number(2, 2, year_) && (year_ += year_ < 69 ? 2000 : 1900, true);
      case 'm':
        return number(1, 2, month_);
      case 'e':
        skip_spaces();
        return number(1, 2, day_);
      case 'd':
        return number(1, 2, day_);
      case 'H':
      case 'I':
        return number(1, 2, hour_);
      case 'M':
        return number(1, 2, minute_);
      case 'S':
        return number(1, 2, second_);
      case 'j':
        day_of_year_ = 0;
        return number(1, 3, *day_of_year_) && *day_of_year_ >= 1;
      case 'b':
      case 'B':
        return name(kMonths, month_) && (++month_, true);
      case 'a':
      case 'A': {
        int ignored = 0;
        return name(kDays, ignored);
      }
      case 'p':
        return half_of_day();
      case 'f':
        return fraction();
      case 'z':
        return offset();
      case 's':
        return epoch();
      case 'T':
        return follow("%H:%M:%S");
      case 'F':
        return follow("%Y-%m-%d");
      case 'D':
        return follow("%m/%d/%y");
      default:
        return take(letter);  // "%%"
    }
  }

  void skip_spaces() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  }
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  template <class Number>
  bool number(std::size_t least, std::size_t most, Number& out) {
    Number value = 0;
    std::size_t count = 0;
    for (; count < most && !text_.empty() && is_digit(text_.front()); ++count) {
      value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    out = value;
    return count >= least;
  }
  // A whole name or its first three letters, in any case.
  bool name(std::span<const std::string_view> names, int& out) {
    std::size_t length = 0;
    std::string word;
    for (; length < text_.size() && lower(text_[length]) >= 'a' && lower(text_[length]) <= 'z';
         ++length) {
      word += lower(text_[length]);
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (word != names[i] && word != names[i].substr(0, 3)) continue;
      out = static_cast<int>(i);
      text_.remove_prefix(length);
      return true;
    }
    return false;
  }
  bool half_of_day() {
    if (text_.size() < 2 || lower(text_[1]) != 'm') return false;
    const char first = lower(text_[0]);
    if (first != 'a' && first != 'p') return false;
    pm_ = first == 'p';
    text_.remove_prefix(2);
    return true;
  }
  bool fraction() {
    std::int64_t micros = 0;
    std::size_t count = 0;
    for (; !text_.empty() && is_digit(text_.front()) && count < 18; ++count) {
      if (count < 6) micros = micros * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    for (auto i = count; i < 6; ++i) micros *= 10;
    fraction_ = microseconds(micros);
    return count > 0;
  }
  bool offset() {
    offset_ = minutes(0);
    if (take('Z') || take('z')) return true;
    const bool minus = !text_.empty() && text_.front() == '-';
    if (!take('+') && !take('-')) return false;
    int hour = 0;
    int minute = 0;
    if (!number(2, 2, hour)) return false;
    take(':');
    if (!text_.empty() && is_digit(text_.front()) && !number(2, 2, minute)) return false;
    offset_ = minutes((hour * 60 + minute) * (minus ? -1 : 1));
    return hour < 24 && minute < 60;
  }
  bool epoch() {
    const bool minus = take('-');
    std::int64_t value = 0;
    if (!number(1, 12, value)) return false;
    epoch_ = minus ? -value : value;
    return true;
  }

  std::string_view text_;
  int year_ = 1970;
  int month_ = 1;
  int day_ = 1;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  microseconds fraction_{};
  std::optional<int> day_of_year_;
  std::optional<bool> pm_;
  std::optional<minutes> offset_;
  std::optional<std::int64_t> epoch_;
};

}  // namespace

Result<TimeFormat> TimeFormat::parse(std::string pattern) {
  bool any = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    if (i + 1 == pattern.size() || kKnown.find(pattern[i + 1]) == kKnown.npos) {
      return Error{Errc::invalid,
                   fmt::format("\"{}\" at byte {} of the time format is none of %Y %m %d %H %M %S "
                               "%y %e %j %I %p %b %B %a %A %f %z %s %T %F %D %%",
                               pattern.substr(i, 2), i + 1)};
    }
    any = any || pattern[i + 1] != '%';
    ++i;
  }
  if (!any) return Error{Errc::invalid, "a time format has fields such as %Y-%m-%d %H:%M:%S"};
  return TimeFormat(std::move(pattern));
}

std::optional<Time> TimeFormat::read(std::string_view text, const TimeZone* zone) const {
  TimeReader reader(text);
  if (!reader.follow(pattern_) || !reader.at_end()) return std::nullopt;
  return reader.result(zone);
}

}  // namespace unity
