#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "metric_expressions.hpp"
#include "stages.hpp"

namespace unity {
namespace {

struct Derived {
  Name name;
  std::string text;
  std::optional<Unit> unit;
  std::optional<Kind> kind;  // of a number
};

Kind kind_of(ValueType type, std::optional<Kind> number) {
  if (type == ValueType::boolean) return Kind::boolean;
  return type == ValueType::text ? Kind::text : number.value_or(Kind::gauge);
}

// Adds fields that are reckoned from the others. What comes to null is left out.
class Derive : public Processor {
 public:
  struct Part {
    Derived field;
    MetricExpressions expressions;
    const Expression* last = nullptr;  // the one that was evaluated last
    Name unit = {};                    // and the text of its unit
  };
  explicit Derive(std::vector<Part> parts) : parts_(std::move(parts)) {}

  Verdict process(Record& record, const RunContext&) override {
    for (auto& part : parts_) {
      auto* expression = part.expressions.find(record.metric);
      if (expression == nullptr) continue;
      const auto value = expression->evaluate(record);
      if (value.is_null()) continue;
      if (std::exchange(part.last, expression) != expression) {
        part.unit = expression->unit() ? Name(expression->unit()->text()) : Name();
      }
      set(record, part, value);
    }
    return Verdict::keep();
  }

 private:
  static void set(Record& record, const Part& part, const Value& value) {
    std::string text(value.text);  // first: it may lie in the field that is replaced
    auto& field = field_of(record, part.field.name);
    field.kind = kind_of(value.type, part.field.kind);
    field.unit.clear();
    if (value.type == ValueType::number) {
      field.value = value.number;
      field.unit = part.unit;
    } else if (value.type == ValueType::boolean) {
      field.value = value.number != 0;
    } else {
      field.value = std::move(text);
    }
  }

  // Only where any field may come can there be one of this name.
  static Field& field_of(Record& record, const Name& name) {
    const auto same = std::find_if(record.fields.begin(), record.fields.end(),
                                   [&](const Field& f) { return f.name == name; });
    if (same != record.fields.end()) return *same;
    auto& field = record.fields.emplace_back();
    field.name = name;
    return field;
  }

  std::vector<Part> parts_;
};

// One entry of `fields`: an expression, or a mapping with one in `expr`.
std::optional<Derived> read_field(Options& options, const std::string& name,
                                  const json::Value& value) {
  const auto place = "fields/" + pointer_step(name);
  if (name.empty() || name.starts_with('_')) {
    options.complain(place, "names that are empty or begin with '_' cannot be given");
    return std::nullopt;
  }
  Derived out{name, {}, {}, {}};
  if (const auto* text = value.string()) {
    out.text = *text;
    return out;
  }
  std::vector<Problem> problems;
  Options in(value, options.level(), {}, problems);
  if (value.object() != nullptr) {
    in.require("expr");
    out.text = in.text("expr").value_or("");
    if (const auto text = in.text("unit")) {
      auto unit = parse_unit(*text);
      if (unit) {
        out.unit = std::move(*unit);
      } else {
        in.complain("unit", unit.error().message);
      }
    }
    if (const auto kind = in.choice("kind", {"gauge", "counter", "rate"})) {
      constexpr Kind kKinds[] = {Kind::gauge, Kind::counter, Kind::rate};
      out.kind = kKinds[*kind];
    }
    in.finish();
  } else {
    in.complain("", fmt::format("`{}` must be an expression, or a mapping with `expr`", name));
  }
  for (auto& problem : problems) options.complain(place + problem.pointer, problem.message);
  return problems.empty() ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<MetricExpressions> compile(StageBuild& build, const Derived& derived) {
  const auto place = "fields/" + pointer_step(derived.name);
  for (const auto* metric : build.metrics()) {
    if (metric->find(derived.name) == nullptr) continue;
    build.complain(place, fmt::format("metric {} has a field \"{}\" already; choose another name "
                                      "or narrow `select`",
                                      metric->name, derived.name));
    return std::nullopt;
  }
  const auto type = derived.unit || derived.kind ? ValueType::number : ValueType::any;
  auto compiled = MetricExpressions::compile(build, place, derived.text, {type, derived.unit});
  if (!compiled) return compiled;
  build.change([&](MetricSpec& metric) {  // the stages that follow may use it
    const auto* expression = compiled->find(metric.name);
    if (expression == nullptr) return;
    const auto& unit = expression->unit();
    metric.fields.push_back({derived.name,
                             unit ? unit->text() : std::string(),
                             kind_of(expression->type(), derived.kind),
                             {},
                             {}});
  });
  return compiled;
}

}  // namespace

StageMaker read_derive(Options& options) {
  std::vector<Derived> fields;
  options.require("fields");
  options.mapping("fields", [&](const std::string& name, const json::Value& value) {
    if (auto field = read_field(options, name, value)) fields.push_back(std::move(*field));
  });
  return [fields = std::move(fields)](StageBuild& build) -> std::unique_ptr<Processor> {
    std::vector<Derive::Part> parts;
    for (const auto& field : fields) {
      if (auto compiled = compile(build, field)) parts.push_back({field, std::move(*compiled)});
    }
    return std::make_unique<Derive>(std::move(parts));
  };
}

}  // namespace unity
