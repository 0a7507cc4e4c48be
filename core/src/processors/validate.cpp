#include <fmt/format.h>

#include <cmath>

#include "stages.hpp"

namespace unity {
namespace {

constexpr std::string_view kUndeclared = "undeclared";
constexpr std::string_view kWrongType = "wrong type";
constexpr std::string_view kOutOfRange = "out of range";

class Validate : public Processor {
 public:
  explicit Validate(std::shared_ptr<const Manifest> manifest) : manifest_(std::move(manifest)) {}

  Verdict process(Record& record, const RunContext&) override {
    const auto* metric = manifest_->find_metric(record.metric);
    if (metric == nullptr) {
      return reject(kUndeclared, "the manifest of {} declares no metric \"{}\"", manifest_->id,
                    record.metric);
    }
    for (auto& field : record.fields) {
      auto verdict = check(*metric, field);
      if (verdict.action != Verdict::Action::keep) return verdict;
    }
    return Verdict::keep();
  }

 private:
  template <class... Args>
  static Verdict reject(std::string_view reason, fmt::format_string<Args...> text, Args&&... args) {
    return Verdict::reject(std::string(reason), fmt::format(text, std::forward<Args>(args)...));
  }

  Verdict check(const MetricSpec& metric, Field& field) const {
    const auto* spec = metric.find(field.name);
    if (spec == nullptr) {
      if (!metric.open || field.name.starts_with('_')) {  // '_' is the host's
        return reject(kUndeclared, "metric \"{}\" declares no field \"{}\"", metric.name,
                      field.name);
      }
      if (std::holds_alternative<std::string>(field.value)) field.kind = Kind::text;
      if (std::holds_alternative<bool>(field.value)) field.kind = Kind::boolean;
      return Verdict::keep();
    }
    field.kind = spec->kind;
    field.unit = spec->unit;
    if (std::holds_alternative<std::monostate>(field.value)) return Verdict::keep();
    if (spec->kind == Kind::text) {
      if (std::holds_alternative<std::string>(field.value)) return Verdict::keep();
      return reject(kWrongType, "field \"{}\" of \"{}\" is declared as text and is a number",
                    field.name, metric.name);
    }
    if (!is_number(field.value)) {
      return reject(kWrongType, "field \"{}\" of \"{}\" is declared as {} and is text", field.name,
                    metric.name, to_text(spec->kind));
    }
    return check_number(metric, *spec, as_double(field.value));
  }

  static Verdict check_number(const MetricSpec& metric, const FieldSpec& spec, double number) {
    if (spec.kind == Kind::boolean && number != 0 && number != 1) {
      return reject(kWrongType, "field \"{}\" of \"{}\" is declared as bool and is {}", spec.name,
                    metric.name, number);
    }
    if (spec.kind == Kind::counter && number < 0) {
      return reject(kOutOfRange, "counter \"{}\" of \"{}\" is {}, below zero", spec.name,
                    metric.name, number);
    }
    if ((spec.minimum && number < *spec.minimum) || (spec.maximum && number > *spec.maximum)) {
      return reject(kOutOfRange, "field \"{}\" of \"{}\" is {}, outside {}..{}", spec.name,
                    metric.name, number, spec.minimum.value_or(-INFINITY),
                    spec.maximum.value_or(INFINITY));
    }
    return Verdict::keep();
  }

  std::shared_ptr<const Manifest> manifest_;
};

}  // namespace

StageMaker read_validate(Options&) {
  return [](StageBuild& build) { return std::make_unique<Validate>(build.context().manifest); };
}

}  // namespace unity
