#include "frames/merge_groups.hpp"

#include <fmt/format.h>

#include "base/day.hpp"

namespace unity::db {

void reject_times(std::span<const Record> batch, std::vector<FrameGroup>& groups,
                  std::vector<Rejection>& rejections) {
  std::erase_if(groups, [&](const FrameGroup& group) {
    if (is_storable(group.time)) return false;
    for (const auto index : group.records) {
      rejections.push_back({index, "invalid",
                            fmt::format("metric \"{}\": its time is outside of the years 1 to 9999",
                                        batch[index].metric)});
    }
    return true;
  });
}

void reject_before(Time floor, std::span<const Record> batch, std::vector<FrameGroup>& groups,
                   std::vector<Rejection>& rejections) {
  std::erase_if(groups, [&](const FrameGroup& group) {
    if (group.time >= floor) return false;
    for (const auto index : group.records) {
      rejections.push_back(
          {index, "too_late",
           fmt::format("metric \"{}\": its time {} is before {}, and what is older is not kept any "
                       "more (retention.raw_metrics)",
                       batch[index].metric, to_rfc3339(group.time), to_rfc3339(floor))});
    }
    return true;
  });
}

void remember_newest(const std::vector<FrameGroup>& groups) {
  for (const auto& group : groups) {
    group.source->newest = std::max(group.source->newest, group.time);
  }
}

void sort_rejections(std::vector<Rejection>& rejections) {
  std::sort(rejections.begin(), rejections.end(),
            [](const Rejection& a, const Rejection& b) { return a.index < b.index; });
}

}  // namespace unity::db
