// Puts other values in the place of known ones: words for numbers, numbers for words.
#include <fmt/format.h>

#include <map>

#include "field_finder.hpp"
#include "stages.hpp"

namespace unity {
namespace {

struct EnumOptions {
  std::string field;
  std::map<std::string, FieldValue> values;  // by the text of what comes in
  enum class Unknown : std::uint8_t { keep, null, reject } unknown = Unknown::keep;
  std::optional<FieldValue> otherwise;
};

std::string key_of(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return fmt::format("{}", as_double(value));
}

class EnumMap : public Processor {
 public:
  explicit EnumMap(const EnumOptions& options) : options_(options), finder_(options.field) {}

  Verdict process(Record& record, const RunContext&) override {
    auto* field = finder_.in(record);
    if (field == nullptr || std::holds_alternative<std::monostate>(field->value)) {
      return Verdict::keep();
    }
    const auto found = options_.values.find(key_of(field->value));
    if (found != options_.values.end()) {
      put(*field, found->second);
    } else if (options_.otherwise) {
      put(*field, *options_.otherwise);
    } else if (options_.unknown == EnumOptions::Unknown::null) {
      field->value = std::monostate();
    } else if (options_.unknown == EnumOptions::Unknown::reject) {
      return Verdict::reject("not allowed",
                             fmt::format("field \"{}\" of \"{}\" is {}, which is not in the map",
                                         field->name, record.metric, key_of(field->value)));
    }
    return Verdict::keep();
  }

 private:
  static void put(Field& field, const FieldValue& value) {
    field.value = value;
    field.unit.clear();
    field.kind = std::holds_alternative<std::string>(value) ? Kind::text
                 : std::holds_alternative<bool>(value)      ? Kind::boolean
                                                            : Kind::gauge;
  }

  EnumOptions options_;
  FieldFinder finder_;
};

}  // namespace

StageMaker read_enum_map(Options& in) {
  EnumOptions options;
  in.require("field");
  in.require("values");
  options.field = in.text("field").value_or("");
  in.mapping("values", [&](const std::string& key, const json::Value& value) {
    auto to = to_field_value(value);
    if (std::holds_alternative<std::monostate>(to)) {
      in.complain("values/" + pointer_step(key), "a value must be a number, text or boolean");
    }
    options.values.emplace(key, std::move(to));
  });
  options.unknown = static_cast<EnumOptions::Unknown>(
      in.choice("unknown", {"keep", "null", "reject"}).value_or(0));
  if (const auto* otherwise = in.find("default")) options.otherwise = to_field_value(*otherwise);
  return [options](StageBuild& build) {
    build.need_field(options.field, "field");
    build.change([&](MetricSpec& metric) {
      for (auto& field : metric.fields) {
        if (field.name != options.field) continue;
        field.allowed.clear();
        field.minimum.reset();
        field.maximum.reset();
      }
    });
    return std::make_unique<EnumMap>(options);
  };
}

}  // namespace unity
