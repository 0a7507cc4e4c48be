// The half of Schema that meets documents; schema_compile.cpp is the half that meets schemas.
#include "unity/core/json/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "schema_check.hpp"
#include "unity/core/base/suggest.hpp"
#include "unity/core/base/time.hpp"

namespace unity::json {
namespace {

constexpr std::size_t kNamesShown = 20;  // foreign schemas may have any number

// One value on its way through the checks, each of which looks at one group of keywords.
struct Check {
  const Value& schema;
  Value& value;
  const std::string& pointer;
  std::vector<Mismatch>& found;

  void report(std::string message) { found.push_back({pointer, std::move(message)}); }
};

// Short enough for a message, whatever the schema's author wrote.
std::string shown(const Value& value) {
  constexpr std::size_t kLongest = 60;
  auto text = dump(value);
  if (text.size() <= kLongest) return text;
  std::size_t cut = kLongest;
  while ((static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;  // keep characters whole
  return text.substr(0, cut) + "…";
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string count_of(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

bool fits_type(Check& check) {
  const auto* type = check.schema.find("type");
  if (type == nullptr) return true;
  const Array only{*type};
  const Array& types = type->array() != nullptr ? *type->array() : only;
  std::string wanted;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (is_type(check.value, *types[i].string())) return true;
    if (i > 0) wanted += i + 1 == types.size() ? " or " : ", ";
    wanted += with_article(*types[i].string());
  }
  check.report(fmt::format("must be {}, is {}", wanted, with_article(check.value.type_name())));
  return false;
}

// Null if the value refers to no secret.
const std::string* secret_name(const Value& value) {
  const auto* name = value.find("$secret");
  const bool good = name != nullptr && value.object()->size() == 1 && name->string() != nullptr &&
                    !name->string()->empty();
  return good ? name->string() : nullptr;
}

void find_secrets(const Value& schema, const Value& value, const std::string& pointer,
                  std::vector<SecretReference>& found) {
  if (const auto* reference = schema.find("$ref")) {
    const auto* name = *reference->string() == kSecretRef ? secret_name(value) : nullptr;
    if (name != nullptr) found.push_back({pointer, *name});
    return;
  }
  const auto* items = schema.find("items");
  if (const auto* elements = value.array(); elements != nullptr && items != nullptr) {
    for (std::size_t i = 0; i < elements->size(); ++i) {
      find_secrets(*items, (*elements)[i], child_pointer(pointer, std::to_string(i)), found);
    }
  }
  const auto* properties = schema.find("properties");
  if (value.object() == nullptr || properties == nullptr) return;
  for (const auto& [name, member_schema] : *properties->object()) {
    const auto* member = value.find(name);
    if (member == nullptr) continue;
    find_secrets(member_schema, *member, child_pointer(pointer, name), found);
  }
}

void check_reference(Check& check, std::string_view reference) {
  const auto& value = check.value;
  if (reference == kDurationRef) {
    constexpr double kLongestSeconds = 9.2e9;  // what nanoseconds in 64 bits can hold
    const bool good = value.string() != nullptr ? parse_duration(*value.string()).has_value()
                                                : value.is_number() && value.number() >= 0 &&
                                                      value.number() <= kLongestSeconds;
    if (!good) {
      check.report(fmt::format(
          "must be a duration such as \"30s\", \"5m\" or a number of seconds, is {}",
          value.string() != nullptr || value.is_number() ? shown(value)
                                                         : with_article(value.type_name())));
    }
    return;
  }
  // What stands there instead may well be the secret itself: it is not shown.
  if (secret_name(value) == nullptr) check.report(R"(must refer to a secret: {"$secret": "name"})");
}

void check_choice(Check& check) {
  if (const auto* only = check.schema.find("const");
      only != nullptr && !same_value(*only, check.value)) {
    check.report(fmt::format("must be {}, is {}", shown(*only), shown(check.value)));
  }
  const auto* choices = check.schema.find("enum");
  if (choices == nullptr) return;
  std::string list;
  std::vector<std::string> names;
  for (const auto& choice : *choices->array()) {
    if (same_value(choice, check.value)) return;
    list += (list.empty() ? "" : ", ") + shown(choice);
    if (choice.string() != nullptr) names.push_back(*choice.string());
  }
  std::optional<std::string> near;
  if (check.value.string() != nullptr) near = nearest(*check.value.string(), names);
  check.report(fmt::format("must be one of {}; is {}{}", list, shown(check.value),
                           near ? fmt::format(", did you mean \"{}\"?", *near) : ""));
}

void check_number(Check& check) {
  const struct {
    std::string_view keyword;
    std::string_view words;
    bool (*good)(std::partial_ordering);
  } limits[] = {{"minimum", "at least", std::is_gteq},
                {"exclusiveMinimum", "more than", std::is_gt},
                {"maximum", "at most", std::is_lteq},
                {"exclusiveMaximum", "less than", std::is_lt}};
  for (const auto& limit : limits) {
    const auto* bound = check.schema.find(limit.keyword);
    if (bound == nullptr || limit.good(compare_numbers(check.value, *bound))) continue;
    check.report(
        fmt::format("must be {} {}, is {}", limit.words, shown(*bound), shown(check.value)));
  }
}

void check_size(Check& check, std::size_t size, std::string_view what, std::string_view minimum,
                std::string_view maximum) {
  const auto* least = check.schema.find(minimum);
  if (least != nullptr && std::cmp_less(size, least->integer())) {
    check.report(fmt::format("must have at least {}, has {}",
                             count_of(static_cast<std::size_t>(least->integer()), what), size));
  }
  const auto* most = check.schema.find(maximum);
  if (most != nullptr && std::cmp_greater(size, most->integer())) {
    check.report(fmt::format("must have at most {}, has {}",
                             count_of(static_cast<std::size_t>(most->integer()), what), size));
  }
}

void check_unique(Check& check, const Array& elements) {
  const auto* unique = check.schema.find("uniqueItems");
  if (unique == nullptr || !*unique->boolean()) return;
  // Sorted, because foreign text may have any number of items.
  std::map<std::string, std::size_t> seen;
  for (std::size_t later = 0; later < elements.size(); ++later) {
    const auto [first, is_new] = seen.emplace(canonical(elements[later]), later);
    if (is_new) continue;
    check.report(
        fmt::format("items {} and {} are equal; each may appear only once", first->second, later));
    return;
  }
}

void check_array(Check& check, Array& elements) {
  check_size(check, elements.size(), "item", "minItems", "maxItems");
  check_unique(check, elements);
  const auto* items = check.schema.find("items");
  if (items == nullptr) return;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    check_value(*items, elements[i], child_pointer(check.pointer, std::to_string(i)), check.found);
  }
}

void check_unknown(Check& check, const Object& known) {
  const auto* additional = check.schema.find("additionalProperties");
  if (additional == nullptr || *additional->boolean()) return;
  std::vector<std::string> names;
  std::string list;
  for (const auto& [name, schema] : known) {
    if (names.size() < kNamesShown) list += (list.empty() ? "valid names are " : ", ") + name;
    names.push_back(name);
  }
  if (names.size() > kNamesShown) {
    list += fmt::format(" and {} more", names.size() - kNamesShown);
  }
  for (const auto& [name, value] : *check.value.object()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const auto near = nearest(name, names);
    check.found.push_back({child_pointer(check.pointer, name),
                           fmt::format("unknown name \"{}\"; {}", name,
                                       near            ? fmt::format("did you mean \"{}\"?", *near)
                                       : names.empty() ? std::string("none is allowed here")
                                                       : list)});
  }
}

void check_object(Check& check) {
  static const Object none;
  const auto* properties = check.schema.find("properties");
  const Object& known = properties != nullptr ? *properties->object() : none;
  for (const auto& [name, schema] : known) {
    const auto* fallback = schema.find("default");
    if (fallback != nullptr && check.value.find(name) == nullptr) check.value.set(name, *fallback);
  }
  if (const auto* required = check.schema.find("required")) {
    for (const auto& name : *required->array()) {
      if (check.value.find(*name.string()) != nullptr) continue;
      check.report(fmt::format("\"{}\" is missing", *name.string()));
    }
  }
  check_unknown(check, known);
  for (const auto& [name, schema] : known) {
    auto* member = check.value.find(name);
    if (member == nullptr) continue;
    check_value(schema, *member, child_pointer(check.pointer, name), check.found);
  }
}

}  // namespace

void check_value(const Value& schema, Value& value, const std::string& pointer,
                 std::vector<Mismatch>& found) {
  Check check{schema, value, pointer, found};
  if (const auto* reference = schema.find("$ref")) {
    check_reference(check, *reference->string());
    return;
  }
  // A value of the wrong type gets that one message: the others would only follow from it.
  if (!fits_type(check)) return;
  check_choice(check);
  if (value.is_number()) check_number(check);
  if (const auto* text = value.string()) {
    check_size(check, characters(*text), "character", "minLength", "maxLength");
  }
  if (auto* elements = value.array()) check_array(check, *elements);
  if (value.object() != nullptr) check_object(check);
}

std::vector<Mismatch> Schema::check(Value& document) const {
  // Options that were left out altogether are options that are all left to their defaults.
  const auto* type = schema_.find("type");
  if (document.is_null() && type != nullptr && *type == Value("object")) document = Object();

  std::vector<Mismatch> found;
  check_value(schema_, document, "", found);
  return found;
}

std::vector<SecretReference> Schema::secrets(const Value& document) const {
  std::vector<SecretReference> found;
  find_secrets(schema_, document, "", found);
  return found;
}

}  // namespace unity::json
