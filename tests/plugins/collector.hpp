// A collector under test: its plugin in the test kit's host, and what it emits as JSON values.
#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "unity/core/json/value.hpp"
#include "unity/core/model/manifest.hpp"
#include "unity/testkit.hpp"

namespace unity::testing {

inline json::Value parse_or_throw(const std::string& text) {
  auto value = json::parse(text);
  if (!value) throw std::runtime_error(value.error().message + ": " + text);
  return *value;
}

// The records of one run.
class Emitted {
 public:
  explicit Emitted(const std::string& ndjson) {
    for (std::size_t at = 0; at < ndjson.size();) {
      const auto end = ndjson.find('\n', at);
      records_.push_back(parse_or_throw(ndjson.substr(at, end - at)));
      at = end + 1;
    }
  }

  const std::vector<json::Value>& all() const { return records_; }
  std::size_t count(const std::string& metric) const {
    std::size_t found = 0;
    for (const auto& record : records_) found += name_of(record) == metric ? 1 : 0;
    return found;
  }

  // The record of that metric and tags (a JSON object), or null.
  const json::Value* find(const std::string& metric, const std::string& tags = "") const {
    for (const auto& record : records_) {
      const auto* has = record.find("tags");
      const bool same =
          tags.empty() ? has == nullptr : has != nullptr && *has == parse_or_throw(tags);
      if (name_of(record) == metric && same) return &record;
    }
    return nullptr;
  }
  // A number of it; NaN if there is none.
  double number(const std::string& metric, const std::string& field,
                const std::string& tags = "") const {
    const auto* record = find(metric, tags);
    const auto* value = record == nullptr ? nullptr : record->find("values")->find(field);
    return value == nullptr ? std::numeric_limits<double>::quiet_NaN() : value->number();
  }
  // The values of a record as they are, to be compared with the expected ones.
  std::string values(const std::string& metric, const std::string& tags = "") const {
    const auto* record = find(metric, tags);
    return record == nullptr ? "no such record" : json::dump(*record->find("values"));
  }

  static std::string name_of(const json::Value& record) { return *record.find("metric")->string(); }

 private:
  std::vector<json::Value> records_;
};

class Collector {
 public:
  Collector(const std::string& library, const std::string& options)
      : plugin(testkit::Plugin::load(library)), instance(host, plugin, options) {
    EXPECT_EQ(instance.created().status, UNITY_OK) << instance.created().message;
  }
  ~Collector() { EXPECT_EQ(host.breaches(), std::vector<std::string>()); }

  // A run that is expected to succeed and to keep to the manifest.
  Emitted run() {
    const auto outcome = instance.collect();
    EXPECT_EQ(outcome.status, UNITY_OK) << outcome.message;
    Emitted emitted(outcome.text());
    expect_declared(emitted);
    return emitted;
  }

  testkit::Host host;
  testkit::Plugin plugin;
  testkit::Instance instance;

 private:
  void expect_declared(const Emitted& emitted) const {
    const auto manifest = parse_manifest(plugin.manifest());
    ASSERT_TRUE(manifest) << manifest.error().message;
    for (const auto& record : emitted.all()) {
      const auto metric = Emitted::name_of(record);
      const auto* spec = manifest->find_metric(metric);
      ASSERT_NE(spec, nullptr) << metric;
      for (const auto& [name, value] : *record.find("values")->object()) {
        const auto* field = spec->find(name);
        ASSERT_NE(field, nullptr) << metric << "." << name;
        EXPECT_EQ(field->kind == Kind::boolean, value.boolean() != nullptr)
            << metric << "." << name;
        EXPECT_EQ(field->kind == Kind::text, value.string() != nullptr) << metric << "." << name;
        if (field->minimum) {
          EXPECT_GE(value.number(), *field->minimum) << metric << "." << name;
        }
        if (field->maximum) {
          EXPECT_LE(value.number(), *field->maximum) << metric << "." << name;
        }
      }
    }
  }
};

// The configuration for a tree of captured files.
inline std::string rooted(const std::string& tree, const std::string& more = "") {
  return R"({"root":")" + tree + '"' + (more.empty() ? "" : "," + more) + "}";
}
inline std::string fixture(const std::string& tree) { return std::string(FIXTURES) + "/" + tree; }

}  // namespace unity::testing
