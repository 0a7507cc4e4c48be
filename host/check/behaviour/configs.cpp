#include "check/behaviour/configs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "unity/core/json/schema.hpp"

namespace unity::check {
namespace {

using json::Value;

constexpr std::size_t kLongText = 4096;
constexpr std::size_t kManyItems = 64;
constexpr std::size_t kDeepest = 8;

double number_of(const Value& schema, std::string_view name, double otherwise) {
  const auto* found = schema.find(name);
  return found != nullptr && found->is_number() ? found->number() : otherwise;
}

std::string type_of(const Value& schema) {
  const auto* type = schema.find("type");
  if (type == nullptr) return "string";
  if (type->string() != nullptr) return *type->string();
  const auto* list = type->array();
  return list != nullptr && !list->empty() && list->front().string() != nullptr
             ? *list->front().string()
             : "string";
}

Value number_value(const Value& schema, double number) {
  if (type_of(schema) != "integer" && number != std::floor(number)) return number;
  if (std::abs(number) < 9e15) return static_cast<std::int64_t>(number);
  return number;
}

std::string text_of(std::size_t size) { return std::string(size, 'a'); }

void add_numbers(const Value& schema, std::vector<Value>& values) {
  const bool whole = type_of(schema) == "integer";
  const double step = whole ? 1 : 0.001;
  const auto low = number_of(schema, "minimum", number_of(schema, "exclusiveMinimum", NAN) + step);
  const auto high = number_of(schema, "maximum", number_of(schema, "exclusiveMaximum", NAN) - step);
  if (!std::isnan(low)) values.push_back(number_value(schema, low));
  if (!std::isnan(high)) values.push_back(number_value(schema, high));
  if (std::isnan(low))
    values.push_back(number_value(schema, std::isnan(high) ? -1e12 : high - 1e6));
  if (std::isnan(high)) values.push_back(number_value(schema, std::isnan(low) ? 1e12 : low + 1e6));
  values.push_back(number_value(schema, 0));
}

void add_texts(const Value& schema, std::vector<Value>& values) {
  const auto least = static_cast<std::size_t>(number_of(schema, "minLength", 0));
  const auto most = static_cast<std::size_t>(
      number_of(schema, "maxLength", static_cast<double>(least + kLongText)));
  values.emplace_back(text_of(least));
  values.emplace_back(text_of(std::min(most, least + kLongText)));
  if (most >= 12) values.emplace_back("\"\\\n\t\u00fc/../ ");
}

// Values at the bounds of a schema, the mildest first; not all of them need fit.
std::vector<Value> bounds(const Value& schema, std::size_t depth);

void add_lists(const Value& schema, std::size_t depth, std::vector<Value>& values) {
  const auto* items = schema.find("items");
  const auto elements = items != nullptr ? bounds(*items, depth + 1) : std::vector<Value>{"a"};
  const auto least = static_cast<std::size_t>(number_of(schema, "minItems", 0));
  const auto most = std::min(static_cast<std::size_t>(number_of(schema, "maxItems", kManyItems)),
                             std::max(least, kManyItems));
  for (const auto size : {least, most}) {
    json::Array list;
    for (std::size_t i = 0; i < size && !elements.empty(); ++i) {
      auto element = elements[i % elements.size()];
      // Unique where that is asked for, and harmless where it is not.
      if (element.string() != nullptr && i >= elements.size()) element = fmt::format("a{}", i);
      list.push_back(std::move(element));
    }
    values.emplace_back(std::move(list));
  }
}

Value smallest(const Value& schema, std::size_t depth) {
  auto values = bounds(schema, depth);
  return values.empty() ? Value() : std::move(values.front());
}

Value smallest_object(const Value& schema, std::size_t depth) {
  Value object{json::Object{}};
  const auto* required = schema.find("required");
  const auto* properties = schema.find("properties");
  if (required == nullptr || required->array() == nullptr) return object;
  for (const auto& name : *required->array()) {
    const auto* property = properties != nullptr ? properties->find(*name.string()) : nullptr;
    object.set(*name.string(), property != nullptr ? smallest(*property, depth + 1) : Value("a"));
  }
  return object;
}

std::vector<Value> bounds(const Value& schema, std::size_t depth) {
  std::vector<Value> values;
  if (depth > kDeepest) return values;
  if (const auto* examples = schema.find("examples"); examples && examples->array()) {
    values = *examples->array();
  }
  if (const auto* value = schema.find("default")) values.push_back(*value);
  if (const auto* value = schema.find("const")) return {*value};
  if (const auto* choices = schema.find("enum"); choices && choices->array()) {
    values.insert(values.end(), choices->array()->begin(), choices->array()->end());
    return values;
  }
  if (const auto* reference = schema.find("$ref")) {
    if (*reference == "unity:secret") {
      Value secret;
      secret.set("$secret", "checked");
      return {secret};
    }
    for (const auto* text : {"5s", "1ms", "24h", "0s"}) values.emplace_back(text);
    return values;
  }
  const auto type = type_of(schema);
  if (type == "string") add_texts(schema, values);
  if (type == "boolean") values.insert(values.end(), {Value(false), Value(true)});
  if (type == "integer" || type == "number") add_numbers(schema, values);
  if (type == "array") add_lists(schema, depth, values);
  if (type == "object") values.push_back(smallest_object(schema, depth));
  if (type == "null") values.emplace_back();
  return values;
}

// With defaults filled in; nothing if it does not fit.
std::optional<Value> fitted(const CollectorSpec& spec, Value config) {
  if (spec.config_schema.is_null()) return Value(json::Object{});
  const auto schema = json::Schema::compile(spec.config_schema);
  if (!schema || !schema->check(config).empty()) return std::nullopt;
  return config;
}

const json::Object* properties_of(const CollectorSpec& spec) {
  const auto* properties = spec.config_schema.find("properties");
  return properties != nullptr ? properties->object() : nullptr;
}

}  // namespace

Result<Value> usual_config(const CollectorSpec& spec, const Value& given) {
  if (!given.is_null()) {
    const auto* own = given.find(spec.name);
    auto config = own != nullptr && own->object() != nullptr ? *own : given;
    if (spec.config_schema.is_null()) return Value(json::Object{});
    const auto schema = json::Schema::compile(spec.config_schema);
    if (!schema) return schema.error();
    const auto mismatches = schema->check(config);
    if (mismatches.empty()) return config;
    return Error{Errc::invalid,
                 fmt::format("the options of --config do not fit its schema: {} {}",
                             mismatches.front().pointer, mismatches.front().message)};
  }
  const auto made = fitted(spec, smallest_object(spec.config_schema, 0));
  if (made) return *made;
  return Error{Errc::invalid, "no options could be made from its schema; give some by --config"};
}

std::vector<LabelledConfig> bound_configs(const CollectorSpec& spec, const Value& usual) {
  std::vector<LabelledConfig> configs;
  const auto* properties = properties_of(spec);
  if (properties == nullptr) return configs;
  for (const auto& [name, property] : *properties) {
    for (const auto& value : bounds(property, 1)) {
      auto config = usual;
      config.set(name, value);
      auto fits = fitted(spec, std::move(config));
      if (!fits) continue;
      auto shown = json::dump(value);
      if (shown.size() > 60)
        shown = shown.substr(0, 50) + fmt::format("... ({} bytes)", shown.size());
      configs.push_back({fmt::format("{} = {}", name, shown), std::move(*fits)});
    }
  }
  return configs;
}

Value random_config(const CollectorSpec& spec, const Value& usual, Random& random) {
  auto config = usual;
  const auto* properties = properties_of(spec);
  if (properties == nullptr) return config;
  for (const auto& [name, property] : *properties) {
    const auto values = bounds(property, 1);
    if (values.empty() || random() % 2 == 0) continue;
    auto changed = config;
    changed.set(name, values[random() % values.size()]);
    if (auto fits = fitted(spec, std::move(changed))) config = std::move(*fits);
  }
  return config;
}

}  // namespace unity::check
