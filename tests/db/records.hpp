// Short ways to make records, for the tests of this folder.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "unity/core/model/record.hpp"

namespace unity::test {

inline Time at(std::int64_t micros) { return Time(std::chrono::microseconds(micros)); }
inline Time at_second(std::int64_t seconds) { return at(seconds * 1'000'000); }

inline std::shared_ptr<const Origin> origin(std::string instance = "disk") {
  return std::make_shared<const Origin>(Origin{"host-a", "disk-plugin", std::move(instance)});
}

inline Record record(std::string metric, Time time, std::vector<Field> fields, Tags tags = {}) {
  Record made;
  made.origin = origin();
  made.metric = std::move(metric);
  made.time = time;
  made.tags = std::move(tags);
  made.fields = std::move(fields);
  return made;
}

inline Field field(std::string name, FieldValue value, Kind kind = Kind::gauge,
                   std::string unit = {}) {
  return {std::move(name), std::move(value), kind, std::move(unit)};
}

}  // namespace unity::test
