// Records in a line, for tests of what handles them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "unity/core/model/record.hpp"

namespace unity {

inline Field gauge(std::string name, FieldValue value, std::string unit = {}) {
  return {std::move(name), std::move(value), Kind::gauge, std::move(unit)};
}

inline Field counter(std::string name, FieldValue value, std::string unit = {}) {
  return {std::move(name), std::move(value), Kind::counter, std::move(unit)};
}

inline Record make_record(std::string metric, std::vector<Field> fields, Tags tags = {}) {
  Record record;
  record.metric = std::move(metric);
  record.fields = std::move(fields);
  record.tags = std::move(tags);
  return record;
}

// The value of a field; null if there is none of that name.
inline FieldValue value_of(const Record& record, std::string_view field) {
  for (const auto& candidate : record.fields) {
    if (candidate.name == field) return candidate.value;
  }
  return {};
}

}  // namespace unity
