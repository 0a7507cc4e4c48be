#include "app/latest_values.hpp"

namespace unity::host {
namespace {

// Beyond this, new series are not shown; those known go on.
constexpr std::size_t kSeriesMax = 50'000;
// What has not been said for so long (a disk that was unplugged) is not the present any more.
constexpr auto kForgetAfter = std::chrono::hours(24);

}  // namespace

void LatestValues::update(const std::vector<Record>& stored) {
  const std::lock_guard lock(mutex_);
  std::string key;
  for (const auto& record : stored) {
    if (record.is_row) continue;  // what of it is a series is a record as well
    for (const auto& field : record.fields) {
      if (!is_number(field.value)) continue;
      key.clear();
      for (const std::string* part :
           {&record.metric.text(), &field.name.text(), &record.origin->device,
            &record.origin->plugin, &record.origin->instance}) {
        key.append(*part).push_back('\0');
      }
      for (const auto& [name, value] : record.tags)
        key.append(name.text()).append("\0", 1).append(value);
      auto found = values_.find(key);
      if (found == values_.end()) {
        if (values_.size() >= kSeriesMax) continue;
        found =
            values_
                .emplace(
                    key,
                    LatestValue{
                        *record.origin, record.metric, record.tags, field.name, field.unit, 0, {}})
                .first;
      }
      if (record.time < found->second.time) continue;  // late: not the newest
      found->second.value = as_double(field.value);
      found->second.time = record.time;
    }
  }
}

std::vector<LatestValue> LatestValues::all(Time now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(values_, [&](const auto& e) { return now - e.second.time > kForgetAfter; });
  std::vector<LatestValue> values;
  values.reserve(values_.size());
  for (const auto& [key, value] : values_) values.push_back(value);
  return values;
}

}  // namespace unity::host
