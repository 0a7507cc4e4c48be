// Which records a stage is for: the option `select` that every stage has.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unity/core/base/glob.hpp"
#include "unity/core/model/record.hpp"
#include "unity/core/processors/options.hpp"

namespace unity {

struct Selector {
  Globs metric;
  Globs instance;
  Globs plugin;
  Globs device;
  std::vector<std::pair<std::string, Globs>> tags;  // a record must have each of them
  // A condition that must hold, as text: it is compiled into the stage when that is made.
  std::optional<std::string> when;

  // Decided once, when the pipeline of an instance is made.
  bool takes_instance(const Origin& origin) const {
    return instance.take(origin.instance) && plugin.take(origin.plugin);
  }
  // Decided for each record.
  bool takes(const Record& record) const;
  bool takes_all_records() const { return metric.empty() && device.empty() && tags.empty(); }
};

Selector read_selector(Options& options);

}  // namespace unity
