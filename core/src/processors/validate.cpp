// Holds records against what the manifest declares and what the operator asks for.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "condition_log.hpp"
#include "field_check.hpp"
#include "field_finder.hpp"
#include "stages.hpp"
#include "unity/core/json/record_writer.hpp"

namespace unity {
namespace {

struct ValidateOptions {
  bool drop_undeclared = false;  // a field that is not declared is left out, not its record
  std::vector<FieldRule> rules;
  std::optional<json::Schema> schema;
};

// One metric, and where the fields of its last record were among those declared.
struct Expected {
  const MetricSpec* metric;
  std::vector<const FieldSpec*> order;
  std::optional<json::Schema> schema;  // of the manifest
};

std::optional<Fault> check_schema(const json::Schema& schema, const Record& record) {
  auto document = json::parse(json::to_json(record));
  const auto mismatches = schema.check(*document);
  if (mismatches.empty()) return std::nullopt;
  const auto& first = mismatches.front();
  return Fault{"schema", fmt::format("a record of \"{}\" does not fit the schema at \"{}\": {}",
                                     record.metric, first.pointer, first.message)};
}

class Validate : public Processor {
 public:
  Validate(RecordShapes shapes, std::string plugin, const ValidateOptions& options)
      : shapes_(std::move(shapes)), plugin_(std::move(plugin)), options_(options) {
    for (const auto& rule : options_.rules) finders_.emplace_back(rule.field);
  }

  Verdict process(Record& record, const RunContext& context) override {
    auto fault = check(record);
    if (!fault) return Verdict::keep();
    drift_.add(fault->name, fault->detail, context.started);
    return Verdict::reject(std::string(fault->name), std::move(fault->detail));
  }

  std::vector<Condition> conditions() const override { return drift_.all(); }

 private:
  std::optional<Fault> check(Record& record) {
    auto* expected = expected_of(record.metric);
    if (expected == nullptr) {
      return Fault{"undeclared", fmt::format("the manifest of {} declares no metric \"{}\"",
                                             plugin_, record.metric)};
    }
    if (auto fault = check_fields(*expected, record)) return fault;
    for (std::size_t i = 0; i < finders_.size(); ++i) {
      if (auto fault = check_rule(record.metric, options_.rules[i], finders_[i].in(record))) {
        return fault;
      }
    }
    if (expected->schema) {
      if (auto fault = check_schema(*expected->schema, record)) return fault;
    }
    return options_.schema ? check_schema(*options_.schema, record) : std::nullopt;
  }

  // Records of one metric often follow each other.
  Expected* expected_of(const std::string& metric) {
    if (last_ != nullptr && last_->metric->name == metric) return last_;
    auto found = expected_.find(metric);
    if (found == expected_.end()) {
      const auto declared =
          std::find_if(shapes_->begin(), shapes_->end(),
                       [&](const MetricSpec& spec) { return spec.name == metric; });
      if (declared == shapes_->end()) return nullptr;
      Expected expected{&*declared, {}, {}};
      // Compiled before, when the manifest was read.
      if (!declared->schema.is_null()) expected.schema = *json::Schema::compile(declared->schema);
      found = expected_.emplace(metric, std::move(expected)).first;
    }
    return last_ = &found->second;
  }

  std::optional<Fault> check_fields(Expected& expected, Record& record) {
    const auto& metric = *expected.metric;
    auto& order = expected.order;
    std::size_t undeclared = 0;
    std::size_t needed = metric.required;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      auto& field = record.fields[i];
      if (i == order.size()) order.push_back(nullptr);
      if (order[i] == nullptr || order[i]->name != field.name) order[i] = metric.find(field.name);
      if (order[i] == nullptr) {
        if (auto fault = check_undeclared(metric, field)) return fault;
        undeclared += field.name.empty() ? 1 : 0;
        continue;
      }
      if (auto fault = check_declared(metric.name, *order[i], field)) return fault;
      if (order[i]->required && !std::holds_alternative<std::monostate>(field.value)) --needed;
    }
    if (needed > 0) return missing(metric, record);
    if (undeclared > 0) {
      std::erase_if(record.fields, [](const Field& field) { return field.name.empty(); });
    }
    return std::nullopt;
  }

  // A field that is to be left out is marked by having no name.
  std::optional<Fault> check_undeclared(const MetricSpec& metric, Field& field) {
    if (metric.open && !field.name.text().starts_with('_')) {  // '_' is the host's
      if (std::holds_alternative<std::string>(field.value)) field.kind = Kind::text;
      if (std::holds_alternative<bool>(field.value)) field.kind = Kind::boolean;
      return std::nullopt;
    }
    Fault fault{"undeclared",
                fmt::format("metric \"{}\" declares no field \"{}\"", metric.name, field.name)};
    if (!options_.drop_undeclared) return fault;
    drift_.add(fault.name, fault.detail, Time{});
    field.name.clear();
    return std::nullopt;
  }

  static Fault missing(const MetricSpec& metric, const Record& record) {
    for (const auto& spec : metric.fields) {
      const auto given = [&](const Field& field) {
        return field.name == spec.name && !std::holds_alternative<std::monostate>(field.value);
      };
      if (spec.required && std::none_of(record.fields.begin(), record.fields.end(), given)) {
        return {"missing",
                fmt::format("field \"{}\" of \"{}\" is required", spec.name, metric.name)};
      }
    }
    return {"missing", fmt::format("a record of \"{}\" is not complete", metric.name)};
  }

  RecordShapes shapes_;
  std::string plugin_;
  ValidateOptions options_;
  std::unordered_map<std::string, Expected> expected_;
  Expected* last_ = nullptr;
  std::vector<FieldFinder> finders_;  // of the rules
  ConditionLog drift_;
};

FieldRule read_rule(Options& in, const std::string& field) {
  FieldRule rule;
  rule.field = field;
  rule.required = in.flag("required").value_or(false);
  rule.type = static_cast<FieldRule::Type>(
      in.choice("type", {"any", "number", "whole", "bool", "text"}).value_or(0));
  rule.minimum = in.number("minimum");
  rule.maximum = in.number("maximum");
  if (rule.minimum && rule.maximum && *rule.minimum > *rule.maximum) {
    in.complain("maximum", "`maximum` is below `minimum`");
  }
  if (const auto* list = in.find("enum")) {
    if (list->array() == nullptr) in.complain("enum", "`enum` must be a list of values");
    for (const auto& value : list->array() != nullptr ? *list->array() : json::Array()) {
      rule.allowed.push_back(to_field_value(value));
    }
  }
  return rule;
}

}  // namespace

StageMaker read_validate(Options& in) {
  ValidateOptions options;
  options.drop_undeclared = in.choice("undeclared_fields", {"reject", "drop"}).value_or(0) == 1;
  in.section("fields", [&](Options& fields) {
    for (const auto& field : fields.names()) {
      fields.section(field,
                     [&](Options& rule) { options.rules.push_back(read_rule(rule, field)); });
    }
  });
  if (const auto* schema = in.find("schema")) {
    auto compiled = json::Schema::compile(*schema);
    if (compiled) {
      options.schema = std::move(*compiled);
    } else {
      in.complain("schema", compiled.error().message);
    }
  }
  return [options](StageBuild& build) {
    for (const auto& rule : options.rules) {
      build.need_field(rule.field, "fields/" + pointer_step(rule.field));
    }
    return std::make_unique<Validate>(build.shapes(), build.context().manifest->id, options);
  };
}

}  // namespace unity
