// What is asked of one field: by the manifest, or by the options of `validate`. Private to
// core/src/processors.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "unity/core/model/manifest.hpp"

namespace unity {

// What is wrong with a value: a word or two for counting, a sentence for people.
struct Fault {
  std::string_view name;
  std::string detail;
};

// Against what the manifest declares. `field` gets its kind and unit from it.
std::optional<Fault> check_declared(const std::string& metric, const FieldSpec& spec, Field& field);

// What an operator asks of a field, beside what the manifest says.
struct FieldRule {
  enum class Type : std::uint8_t { any, number, whole, boolean, text };
  std::string field;
  bool required = false;
  Type type = Type::any;
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::vector<FieldValue> allowed;  // empty: any
};

std::optional<Fault> check_rule(const std::string& metric, const FieldRule& rule,
                                const Field* field);

}  // namespace unity
