#include "system/pressure.hpp"

namespace unity::plugins::system {
namespace {

constexpr std::string_view kWanted = "pressure";

template <class Number>
void take(const Lines& lines, Fields& fields, std::string_view key, Number& out) {
  const auto word = fields.next();
  if (!word.starts_with(key) || !parse_number(word.substr(key.size()), out)) {
    lines.malformed(kWanted);
  }
}

}  // namespace

Pressure parse_pressure(const Text& text) {
  Pressure pressure;
  Lines lines(text);
  while (lines.next()) {
    Fields fields(lines.line());
    const auto kind = fields.next();
    if (kind != "some" && kind != "full") lines.malformed(kWanted);
    Stall stall;
    take(lines, fields, "avg10=", stall.average_10s);
    take(lines, fields, "avg60=", stall.average_60s);
    take(lines, fields, "avg300=", stall.average_300s);
    take(lines, fields, "total=", stall.total_us);
    (kind == "some" ? pressure.some : pressure.full) = stall;
  }
  return pressure;
}

}  // namespace unity::plugins::system
