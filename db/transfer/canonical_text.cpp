#include "transfer/canonical_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

namespace unity::db::transfer {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr std::string_view kNan = "NaN";
constexpr std::string_view kInfinity = "Infinity";
constexpr std::string_view kMinusInfinity = "-Infinity";
constexpr std::string_view kHex = "0123456789abcdef";

void append_digits(std::string& out, unsigned value, int digits) {
  char text[8];
  for (int i = digits; i-- > 0; value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out.append(text, static_cast<std::size_t>(digits));
}

void append_json_number(std::string& out, const json::Value& value) {
  const auto* real = std::get_if<double>(&value.data());
  if (real == nullptr) {
    out += json::dump(value);
  } else if (std::trunc(*real) == *real && *real >= -kTwoTo63 && *real < kTwoTo63) {
    fmt::format_to(std::back_inserter(out), "{}", static_cast<std::int64_t>(*real));
  } else if (std::trunc(*real) == *real && *real > 0 && *real < 2 * kTwoTo63) {
    fmt::format_to(std::back_inserter(out), "{}", static_cast<std::uint64_t>(*real));
  } else {
    json::append_number(out, *real);
  }
}

void append_canonical(std::string& out, const json::Value& value) {
  if (const auto* members = value.object()) {
    std::vector<const json::Member*> sorted;
    for (const auto& member : *members) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
    out += '{';
    for (const auto* member : sorted) {
      if (member != sorted.front()) out += ',';
      json::append_quoted(out, member->first);
      out += ':';
      append_canonical(out, member->second);
    }
    out += '}';
  } else if (const auto* list = value.array()) {
    out += '[';
    for (const auto& one : *list) {
      if (&one != &list->front()) out += ',';
      append_canonical(out, one);
    }
    out += ']';
  } else if (const auto* text = value.string()) {
    json::append_quoted(out, *text);
  } else if (value.is_number()) {
    append_json_number(out, value);
  } else {
    out += json::dump(value);
  }
}

}  // namespace

void append_time(std::string& out, Time time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += '.';
  append_digits(out, static_cast<unsigned>(clock.subseconds().count()), 6);
  out += 'Z';
}

void append_real(std::string& out, double value) {
  if (std::isnan(value)) {
    out += kNan;
  } else if (std::isinf(value)) {
    out += value > 0 ? kInfinity : kMinusInfinity;
  } else {
    json::append_number(out, value == 0 ? 0.0 : value);
  }
}

std::optional<double> parse_real(std::string_view text) {
  if (text == kNan) return std::numeric_limits<double>::quiet_NaN();
  if (text == kInfinity) return std::numeric_limits<double>::infinity();
  if (text == kMinusInfinity) return -std::numeric_limits<double>::infinity();
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

void append_uuid(std::string& out, std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

std::optional<std::string> parse_uuid(std::string_view text) {
  std::string bytes;
  bool high = true;
  for (const char c : text) {
    if (c == '-') continue;
    const auto digit = kHex.find(c);
    if (digit == kHex.npos) return std::nullopt;
    if (high) {
      bytes += static_cast<char>(digit << 4);
    } else {
      bytes.back() = static_cast<char>(static_cast<std::uint8_t>(bytes.back()) | digit);
    }
    high = !high;
  }
  if (bytes.size() != 16 || !high) return std::nullopt;
  return bytes;
}

std::string to_canonical_json(const json::Value& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

}  // namespace unity::db::transfer
