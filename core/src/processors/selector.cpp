#include "unity/core/processors/selector.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace unity {

bool Selector::takes(const Record& record) const {
  if (!metric.take(record.metric)) return false;
  if (!device.empty() && !device.take(record.origin->device)) return false;
  return std::all_of(tags.begin(), tags.end(), [&](const auto& wanted) {
    const auto* value = record.tags.find(wanted.first);
    return value != nullptr && wanted.second.take(*value);
  });
}

Selector read_selector(Options& options) {
  Selector select;
  options.section("select", [&](Options& in) {
    select.metric = in.globs("metric");
    select.instance = in.globs("instance");
    select.plugin = in.globs("plugin");
    select.device = in.globs("device");
    select.when = in.text("when");
    in.mapping("tags", [&](const std::string& key, const json::Value& value) {
      if (const auto* pattern = value.string()) {
        select.tags.emplace_back(key, Globs({*pattern}));
      } else {
        in.complain("tags/" + pointer_step(key),
                    fmt::format("the pattern of tag `{}` must be text, such as \"eth*\"", key));
      }
    });
  });
  return select;
}

}  // namespace unity
