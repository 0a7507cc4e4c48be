// Datasets as a manifest declares them, and their rows as ingest makes them.
#pragma once

#include <gtest/gtest.h>

#include "unity/core/json/value.hpp"
#include "unity/core/model/dataset.hpp"
#include "unity/core/model/record.hpp"

namespace unity::test {

inline DatasetSpec dataset(const std::string& json, const std::string& owner = "example.shop") {
  std::vector<DatasetProblem> problems;
  auto spec = read_dataset(*json::parse(json), false, problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.pointer << ": " << problem.message;
  spec.owner = owner;
  return spec;
}

// A row as ingest makes it: values in the order of the columns that are given.
inline Record row_of(const DatasetSpec& spec, std::int64_t second,
                     std::vector<std::pair<std::string, FieldValue>> values,
                     const std::string& plugin = "example.shop",
                     const std::string& device = "nas") {
  Record record;
  record.origin = std::make_shared<const Origin>(Origin{device, plugin, "shop"});
  record.metric = spec.name;
  record.is_row = true;
  record.time = Time(std::chrono::seconds(1'760'000'000 + second));
  record.sequence = static_cast<std::uint64_t>(second) + 1;
  for (auto& [name, value] : values) {
    Field field;
    field.name = name;
    field.value = std::move(value);
    field.unit = to_text(spec.find(name)->form);
    record.fields.push_back(std::move(field));
  }
  return record;
}

}  // namespace unity::test
