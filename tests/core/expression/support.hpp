// Expressions over a record with a little of everything.
#pragma once

#include <memory>
#include <string>

#include "core/support/records.hpp"
#include "unity/core/expression/expression.hpp"

namespace unity {

inline MetricSpec& filesystem_spec() {
  static MetricSpec spec{"filesystem",
                         {},
                         {{"total", "By", Kind::gauge, {}, {}},
                          {"used", "By", Kind::gauge, {}, {}},
                          {"used_percent", "%", Kind::gauge, {}, {}},
                          {"age", "s", Kind::gauge, {}, {}},
                          {"temp", "Cel", Kind::gauge, {}, {}},
                          {"inodes", "{inode}", Kind::gauge, {}, {}},
                          {"plain", "", Kind::gauge, {}, {}},
                          {"odd", "furlong", Kind::gauge, {}, {}},
                          {"absent", "By", Kind::gauge, {}, {}},
                          {"nothing", "By", Kind::gauge, {}, {}},
                          {"read_only", "", Kind::boolean, {}, {}},
                          {"state", "", Kind::text, {}, {}},
                          {"read bytes", "By", Kind::gauge, {}, {}}},
                         false};
  return spec;
}

inline Record filesystem_record() {
  auto record = make_record(
      "filesystem",
      {gauge("total", std::int64_t{10'000'000'000}, "By"),
       gauge("used", std::uint64_t{8'000'000'000}, "By"), gauge("used_percent", 80.0, "%"),
       gauge("age", 90.0, "s"), gauge("temp", 25.0, "Cel"), gauge("inodes", std::int64_t{12}),
       gauge("plain", 7.0), gauge("odd", 3.0, "furlong"), gauge("nothing", FieldValue()),
       gauge("read_only", std::int64_t{1}), gauge("state", std::string("Mounted")),
       gauge("read bytes", 512.0, "By"), gauge("extra", true)},
      {{"mount", "/srv/data"}, {"odd tag", "x"}});
  record.origin = std::make_shared<const Origin>(Origin{"nas", "unity.disk", "disk-1"});
  record.time = Time(std::chrono::milliseconds(1'700'000'000'500));
  return record;
}

// "8 GB", "true", "\"text\"", "null"; or the mistake as "line:column: message".
inline std::string outcome_of(std::string_view text, const Scope& scope) {
  auto expression = Expression::compile(text, scope);
  if (!expression) return expression.error().message;
  const auto record = filesystem_record();
  const auto value = expression->evaluate(record);
  switch (value.type) {
    case ValueType::boolean:
      return value.number != 0 ? "true" : "false";
    case ValueType::text:
      return '"' + std::string(value.text) + '"';
    case ValueType::number: {
      std::string out(32, '\0');
      out.resize(
          static_cast<std::size_t>(std::snprintf(out.data(), out.size(), "%.12g", value.number)));
      return expression->unit() ? out + " " + expression->unit()->text() : out;
    }
    default:
      return "null";
  }
}
inline std::string outcome_of(std::string_view text) {
  return outcome_of(text, {&filesystem_spec(), {}});
}

}  // namespace unity
