#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stages.hpp"
#include "unity/core/base/glob.hpp"
#include "unity/core/units/units.hpp"

namespace unity {
namespace {

struct Scaling {
  std::string pattern;  // of the field's name
  double factor = 1;
  double divisor = 1;
  double offset = 0;
  std::string unit;  // afterwards; empty: as before

  double operator()(double value) const { return value * factor / divisor + offset; }
};
using Scalings = std::vector<Scaling>;

const Scaling* find_scaling(const Scalings& all, std::string_view field) {
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const Scaling& one) { return matches_glob(one.pattern, field); });
  return found != all.end() ? &*found : nullptr;
}

// Mends what a device reports in odd steps: value * factor / divisor + offset.
class Scale : public Processor {
 public:
  explicit Scale(Scalings scalings) : scalings_(std::move(scalings)) {}

  Verdict process(Record& record, const RunContext&) override {
    for (auto& field : record.fields) {
      if (!is_number(field.value) || std::holds_alternative<bool>(field.value)) continue;
      const auto* scaling = find_scaling(scalings_, field.name);
      if (scaling == nullptr) continue;
      const double scaled = (*scaling)(as_double(field.value));
      field.value = std::isfinite(scaled) ? FieldValue(scaled) : FieldValue();
      if (!scaling->unit.empty()) field.unit = scaling->unit;
    }
    return Verdict::keep();
  }

 private:
  Scalings scalings_;
};

void change_specs(StageBuild& build, const Scalings& scalings) {
  build.change([&](MetricSpec& metric) {
    for (auto& field : metric.fields) {
      const auto* scaling = find_scaling(scalings, field.name);
      if (scaling == nullptr || field.kind == Kind::boolean || field.kind == Kind::text) continue;
      if (!scaling->unit.empty()) field.unit = scaling->unit;
      if (field.minimum) field.minimum = (*scaling)(*field.minimum);
      if (field.maximum) field.maximum = (*scaling)(*field.maximum);
      if (scaling->factor < 0) std::swap(field.minimum, field.maximum);
    }
  });
  for (const auto& scaling : scalings) {
    if (scaling.pattern.find_first_of("*?") != std::string::npos) continue;
    build.need_field(scaling.pattern, "fields/" + pointer_step(scaling.pattern));
  }
}

// A factor, or a mapping.
void read_scaling(Options& options, const std::string& pattern, const json::Value& value,
                  Scalings& scalings) {
  const auto place = "fields/" + pointer_step(pattern);
  Scaling scaling;
  scaling.pattern = pattern;
  if (value.is_number()) {
    scaling.factor = value.number();
  } else if (value.object() != nullptr) {
    std::vector<Problem> problems;
    Options in(value, options.level(), {}, problems);
    scaling.factor = in.number("factor").value_or(1);
    scaling.divisor = in.number("divisor").value_or(1);
    scaling.offset = in.number("offset").value_or(0);
    if (const auto text = in.text("unit")) {
      const auto unit = parse_unit(*text);
      if (!unit) in.complain("unit", unit.error().message);
      if (unit) scaling.unit = unit->text();
    }
    in.finish();
    for (auto& problem : problems) options.complain(place + problem.pointer, problem.message);
  } else {
    options.complain(place, "must be a factor, or a mapping of factor, divisor, offset and unit");
  }
  if (scaling.factor == 0 || scaling.divisor <= 0) {
    options.complain(place, "the factor cannot be 0, and the divisor must be above 0");
  }
  scalings.push_back(std::move(scaling));
}

}  // namespace

StageMaker read_scale(Options& options) {
  Scalings scalings;
  options.require("fields");
  options.mapping("fields", [&](const std::string& pattern, const json::Value& value) {
    read_scaling(options, pattern, value, scalings);
  });
  return [scalings = std::move(scalings)](StageBuild& build) {
    change_specs(build, scalings);
    return std::make_unique<Scale>(scalings);
  };
}

}  // namespace unity
