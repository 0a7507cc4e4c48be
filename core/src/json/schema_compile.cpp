// The half of Schema that meets schemas: what a manifest's author wrote is checked here, once, so
// that checking documents may rely on it.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "schema_check.hpp"
#include "unity/core/base/suggest.hpp"

namespace unity::json {
namespace {

constexpr int kDeepest = 64;  // bounds the recursion over schemas that others wrote

constexpr std::string_view kTypes[] = {"null",   "boolean", "integer", "number",
                                       "string", "array",   "object"};

// Collects what is wrong, one line each; only counts what is beyond the first.
struct Problems {
  static constexpr std::size_t kShown = 50;  // more than anybody reads, and a bound of the text
  std::string text;
  std::size_t count = 0;

  void add(std::string_view pointer, std::string_view message) {
    if (++count > kShown) return;
    fmt::format_to(std::back_inserter(text), "{}{}: {}", text.empty() ? "" : "\n",
                   pointer.empty() ? "the schema" : pointer, message);
  }
};

void compile_schema(const Value& schema, const std::string& pointer, int depth, Problems& problems);

// ---- The values that keywords may have: each returns what it must be, empty if it is. ----

std::string is_any(const Value&) { return {}; }
std::string is_text(const Value& value) { return value.string() ? "" : "must be a string"; }
std::string is_flag(const Value& value) { return value.boolean() ? "" : "must be true or false"; }
std::string is_list(const Value& value) { return value.array() ? "" : "must be an array"; }
std::string is_bound(const Value& value) { return value.is_number() ? "" : "must be a number"; }

std::string is_count(const Value& value) {
  const bool good = value.is_integer() && value.number() >= 0 && value.number() < 9e15;
  return good ? "" : "must be a whole number, at least 0";
}

std::string is_choices(const Value& value) {
  return value.array() != nullptr && !value.array()->empty() ? "" : "must be an array, not empty";
}

std::string is_names(const Value& value) {
  constexpr auto kWanted = "must be an array of strings, each once";
  if (value.array() == nullptr) return kWanted;
  const Array& names = *value.array();
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (name->string() == nullptr || std::find(names.begin(), name, *name) != name) return kWanted;
  }
  return {};
}

std::string is_type_name(const Value& value) {
  const auto known = [](const Value& name) {
    return name.string() != nullptr &&
           std::find(std::begin(kTypes), std::end(kTypes), *name.string()) != std::end(kTypes);
  };
  const auto* list = value.array();
  const bool good = list != nullptr ? !list->empty() && is_names(value).empty() &&
                                          std::all_of(list->begin(), list->end(), known)
                                    : known(value);
  return good ? ""
              : "must be one or an array of \"null\", \"boolean\", \"integer\", \"number\", "
                "\"string\", \"array\", \"object\"";
}

std::string is_reference(const Value& value) {
  const bool good = value == Value(kDurationRef) || value == Value(kSecretRef);
  return good ? "" : "must be \"unity:duration\" or \"unity:secret\"";
}

std::string is_schema(const Value& value) {
  return value.object() != nullptr ? "" : "must be a schema, that is an object";
}

std::string is_schemas(const Value& value) {
  return value.object() != nullptr ? "" : "must be an object of schemas";
}

struct Keyword {
  std::string_view name;
  std::string (*check)(const Value&);
  std::string_view applies_to;  // the type it constrains; empty if any
  bool beside_ref = false;      // whether it may stand beside $ref
};

constexpr Keyword kKeywords[] = {
    {"type", is_type_name, ""},
    {"title", is_text, "", true},
    {"description", is_text, "", true},
    {"examples", is_list, "", true},
    {"default", is_any, "", true},
    {"$ref", is_reference, "", true},
    {"enum", is_choices, ""},
    {"const", is_any, ""},
    {"minimum", is_bound, "number"},
    {"maximum", is_bound, "number"},
    {"exclusiveMinimum", is_bound, "number"},
    {"exclusiveMaximum", is_bound, "number"},
    {"minLength", is_count, "string"},
    {"maxLength", is_count, "string"},
    {"minItems", is_count, "array"},
    {"maxItems", is_count, "array"},
    {"uniqueItems", is_flag, "array"},
    {"items", is_schema, "array"},
    {"properties", is_schemas, "object"},
    {"required", is_names, "object"},
    {"additionalProperties", is_flag, "object"},
};

std::string unknown_keyword(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& keyword : kKeywords) names.emplace_back(keyword.name);
  const auto near = nearest(name, names);
  return fmt::format("unknown keyword \"{}\"; {}", name,
                     near ? fmt::format("did you mean \"{}\"?", *near)
                          : fmt::format("the keywords are {}", fmt::join(names, ", ")));
}

// A keyword that can never apply is a mistake: nothing is silently ignored.
bool may_apply(const Keyword& keyword, const Value* type) {
  if (keyword.applies_to.empty() || type == nullptr || !is_type_name(*type).empty()) return true;
  const auto matches = [&](const Value& name) {
    return *name.string() == keyword.applies_to ||
           (keyword.applies_to == "number" && *name.string() == "integer");
  };
  const auto* list = type->array();
  return list != nullptr ? std::any_of(list->begin(), list->end(), matches) : matches(*type);
}

bool keywords_are_good(const Value& schema, const std::string& pointer, Problems& problems) {
  const auto before = problems.count;
  for (const auto& [name, value] : *schema.object()) {
    const auto at = child_pointer(pointer, name);
    const auto* keyword = std::find_if(
        std::begin(kKeywords), std::end(kKeywords),
        [&, wanted = std::string_view(name)](const Keyword& k) { return k.name == wanted; });
    if (keyword == std::end(kKeywords)) {
      problems.add(at, unknown_keyword(name));
    } else if (const auto message = keyword->check(value); !message.empty()) {
      problems.add(at, fmt::format("\"{}\" {}", name, message));
    } else if (!keyword->beside_ref && schema.find("$ref") != nullptr) {
      problems.add(at, fmt::format("\"{}\" cannot stand beside \"$ref\"", name));
    } else if (!may_apply(*keyword, schema.find("type"))) {
      problems.add(at, fmt::format("\"{}\" applies to {} only, which \"type\" does not allow", name,
                                   with_article(keyword->applies_to)));
    }
  }
  return problems.count == before;
}

// Bounds that no value can meet.
void check_bounds(const Value& schema, const std::string& pointer, Problems& problems) {
  constexpr std::string_view kPairs[][2] = {
      {"minimum", "maximum"}, {"minLength", "maxLength"}, {"minItems", "maxItems"}};
  for (const auto& [low, high] : kPairs) {
    const auto* least = schema.find(low);
    const auto* most = schema.find(high);
    if (least == nullptr || most == nullptr || std::is_lteq(compare_numbers(*least, *most))) {
      continue;
    }
    problems.add(child_pointer(pointer, low), fmt::format("\"{}\" is more than \"{}\"", low, high));
  }
}

void check_required(const Value& schema, const std::string& pointer, Problems& problems) {
  const auto* required = schema.find("required");
  const auto* additional = schema.find("additionalProperties");
  if (required == nullptr || additional == nullptr || *additional->boolean()) return;
  const auto* properties = schema.find("properties");
  for (const auto& name : *required->array()) {
    if (properties != nullptr && properties->find(*name.string()) != nullptr) continue;
    problems.add(child_pointer(pointer, "required"),
                 fmt::format("\"{}\" is required but not among \"properties\"", *name.string()));
  }
}

void check_default(const Value& schema, const std::string& pointer, Problems& problems) {
  const auto* fallback = schema.find("default");
  if (fallback == nullptr) return;
  Value copy = *fallback;
  std::vector<Mismatch> found;
  check_value(schema, copy, child_pointer(pointer, "default"), found);
  for (const auto& mismatch : found) {
    problems.add(mismatch.pointer, "does not fit its own schema: " + mismatch.message);
  }
}

void compile_schema(const Value& schema, const std::string& pointer, int depth,
                    Problems& problems) {
  if (const auto message = is_schema(schema); !message.empty()) {
    return problems.add(pointer, message);
  }
  if (depth > kDeepest) {
    return problems.add(pointer, fmt::format("nested more than {} deep", kDeepest));
  }
  const auto before = problems.count;
  const bool good = keywords_are_good(schema, pointer, problems);
  if (const auto* properties = schema.find("properties");
      properties != nullptr && properties->object() != nullptr) {
    const auto at = child_pointer(pointer, "properties");
    for (const auto& [name, property] : *properties->object()) {
      compile_schema(property, child_pointer(at, name), depth + 1, problems);
    }
  }
  if (const auto* items = schema.find("items"); items != nullptr && items->object() != nullptr) {
    compile_schema(*items, child_pointer(pointer, "items"), depth + 1, problems);
  }
  if (!good) return;
  check_bounds(schema, pointer, problems);
  check_required(schema, pointer, problems);
  // A default can only be checked once the schema beneath it is known to be sound.
  if (problems.count == before) check_default(schema, pointer, problems);
}

}  // namespace

Result<Schema> Schema::compile(const Value& schema) {
  Problems problems;
  compile_schema(schema, "", 0, problems);
  if (problems.count > Problems::kShown) {
    problems.text += fmt::format("\nand {} more", problems.count - Problems::kShown);
  }
  if (problems.count > 0) return Error{Errc::invalid, std::move(problems.text)};
  return Schema(schema);
}

}  // namespace unity::json
