// What a plugin says of itself, read from the JSON in its ELF note.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"
#include "unity/core/json/schema.hpp"
#include "unity/core/model/dataset.hpp"
#include "unity/core/model/permissions.hpp"
#include "unity/core/model/record.hpp"

namespace unity {

struct FieldSpec {
  Name name;
  Name unit;
  Kind kind = Kind::gauge;
  std::optional<double> minimum;
  std::optional<double> maximum;
  bool required = false;                 // a record without it, or with null, is refused
  std::vector<FieldValue> allowed = {};  // empty: any
};

// The unit of a rate of something in `unit`: "By/s", "1/s".
std::string unit_of_rate(const std::string& unit);
// As the stage `rate` leaves a counter; any other field as it is.
FieldSpec as_rate(FieldSpec field);

struct MetricSpec {
  Name name;
  std::string description;
  std::vector<FieldSpec> fields;
  bool open = false;         // fields that are not declared are accepted as gauges without a unit
  json::Value schema = {};   // a JSON Schema that the whole record must fit; null: none
  std::string summary = {};  // a template; empty: none
  std::size_t required = 0;  // how many fields are

  const FieldSpec* find(std::string_view field) const;
};

struct CollectorSpec {
  std::string name;
  std::string description;
  bool streaming = false;  // else it is polled
  std::optional<Duration> default_interval;
  Duration min_interval{};
  json::Value config_schema;  // an object schema; null if the collector takes no options
  bool many_devices = false;  // the tag "device" names the machine that a record speaks of
};

struct Manifest {
  std::string id;  // reverse DNS or dotted: "unity.system"
  std::string version;
  std::string name;
  std::string description;
  std::string category;
  std::string license;
  std::uint32_t abi_min_major = 1;
  std::uint32_t abi_min_minor = 0;
  bool requires_worker = false;
  Duration cancel_grace{};  // how long a cancelled call may take to return
  Permissions permissions;  // as declared: the operator may change them
  std::vector<CollectorSpec> collectors;
  std::vector<MetricSpec> metrics;  // and one for each dataset that has some
  std::vector<DatasetSpec> datasets;
  json::Value document;  // the whole manifest, for `plugin inspect`

  const CollectorSpec* find_collector(std::string_view name) const;
  const MetricSpec* find_metric(std::string_view name) const;
  const DatasetSpec* find_dataset(std::string_view name) const;
};

// A plain JSON value as that of a field; lists and objects become null.
FieldValue to_field_value(const json::Value& value);

// Reads and checks a manifest. The error lists every problem found, one a line.
Result<Manifest> parse_manifest(std::string_view json);

}  // namespace unity
