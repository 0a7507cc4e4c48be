// What a plugin under test has emitted.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unity/plugin.h"
#include "unity/testkit/json.hpp"

namespace unity::testkit {

using Tags = std::map<std::string, std::string, std::less<>>;

// One emitted record.
class Record {
 public:
  explicit Record(Json document) : document_(std::move(document)) {
    if (const auto* tags = document_.find("tags")) {
      for (const auto& [key, value] : tags->members()) tags_.emplace(key, value.string());
    }
  }

  const std::string& metric() const { return document_.at("metric").string(); }
  const Tags& tags() const { return tags_; }
  bool has(std::string_view field) const { return find(field) != nullptr; }
  // These throw if there is no such field or it is of another type.
  const Json& field(std::string_view name) const {
    const auto* found = find(name);
    if (found == nullptr) throw std::out_of_range("no field " + std::string(name) + " in " + raw());
    return *found;
  }
  double number(std::string_view name) const { return field(name).number(); }
  bool boolean(std::string_view name) const { return field(name).boolean(); }
  const std::string& text(std::string_view name) const { return field(name).string(); }

  const Json& document() const { return document_; }
  const std::string& raw() const { return document_.raw(); }

 private:
  const Json* find(std::string_view name) const {
    if (const auto* values = document_.find("values")) return values->find(name);
    return name == "numeric_value" ? document_.find("value") : nullptr;
  }

  Json document_;
  Tags tags_;
};

// One emit().
struct Batch {
  std::uint32_t dataset = UNITY_DATASET_METRICS;
  std::uint32_t format = UNITY_FORMAT_NDJSON;
  std::string data;
  std::string checkpoint;
  std::int64_t time_unix_ns = 0;

  // Throws std::invalid_argument if the data is not what `format` says.
  std::vector<Record> records() const {
    std::vector<Record> records;
    if (format == UNITY_FORMAT_JSON_ARRAY) {
      const auto all = Json::parse(data);
      for (const auto& item : all.items()) records.emplace_back(item);
      return records;
    }
    for (std::string_view rest = data; !rest.empty();) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : rest.size());
      if (line.find_first_not_of(" \t\r") != line.npos) records.emplace_back(Json::parse(line));
    }
    return records;
  }
};

// What a call into the plugin came to. What a failed call emitted does not count, as in a host.
struct Outcome {
  unity_status status = UNITY_OK;
  std::vector<Batch> batches;
  std::string message;  // of the last fail()
  std::string code;
  std::string detail_json;
  std::uint32_t retry_after_ms = 0;

  bool succeeded() const { return status >= 0; }

  // The text of all batches, one after the other.
  std::string text() const {
    std::string all;
    for (const auto& batch : batches) all += batch.data;
    return all;
  }
  std::vector<Record> records() const {
    std::vector<Record> all;
    for (const auto& batch : batches) {
      auto some = batch.records();
      all.insert(all.end(), std::make_move_iterator(some.begin()),
                 std::make_move_iterator(some.end()));
    }
    return all;
  }
  // The one record of that metric and these tags; throws if there is none or more than one.
  Record record(std::string_view metric, const Tags& tags = {}) const {
    std::vector<Record> found;
    auto all = records();
    for (auto& record : all) {
      if (record.metric() == metric && record.tags() == tags) found.push_back(std::move(record));
    }
    if (found.size() == 1) return std::move(found.front());
    throw std::out_of_range(std::to_string(found.size()) + " records of " + std::string(metric) +
                            " with these tags in: " + text());
  }
};

}  // namespace unity::testkit
