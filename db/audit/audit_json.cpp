#include "audit/audit_json.hpp"

#include "unity/core/json/value.hpp"

namespace unity::db {

std::string warnings_json(const std::vector<std::string>& warnings) {
  return json::dump(json::Array(warnings.begin(), warnings.end()));
}

std::vector<std::string> parse_warnings(std::string_view text) {
  std::vector<std::string> warnings;
  const auto parsed = json::parse(text);
  if (!parsed || parsed->array() == nullptr) return warnings;
  for (const auto& one : *parsed->array()) {
    if (one.string() != nullptr) warnings.push_back(*one.string());
  }
  return warnings;
}

std::string errors_json(const std::vector<ErrorCount>& errors) {
  json::Array list;
  for (const auto& error : errors) {
    list.emplace_back(json::Object{{"what", error.what}, {"count", error.count}});
  }
  return json::dump(std::move(list));
}

std::vector<ErrorCount> parse_errors(std::string_view text) {
  std::vector<ErrorCount> errors;
  const auto parsed = json::parse(text);
  if (!parsed || parsed->array() == nullptr) return errors;
  for (const auto& one : *parsed->array()) {
    const auto* what = one.find("what");
    const auto* count = one.find("count");
    if (what == nullptr || what->string() == nullptr || count == nullptr) continue;
    errors.push_back({*what->string(), count->integer()});
  }
  return errors;
}

}  // namespace unity::db
