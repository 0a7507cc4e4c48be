// Merges a batch, grouped by frame, with the frames that a server's database has already.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <vector>

#include "frames/group.hpp"
#include "frames/merge.hpp"

namespace unity::db {

// Frames that exist, by the index of their group.
using StoredFrames = std::map<std::size_t, Frame>;

// Takes out the groups whose time no partition can hold.
void reject_times(std::span<const Record> batch, std::vector<FrameGroup>& groups,
                  std::vector<Rejection>& rejections);

// Takes out the groups that are older than what is kept; see retention/known_floor.hpp.
void reject_before(Time floor, std::span<const Record> batch, std::vector<FrameGroup>& groups,
                   std::vector<Rejection>& rejections);

// What this writer itself wrote last exists for certain.
inline bool must_exist(const FrameGroup& group) { return group.time == group.source->newest; }

// To be called once the batch is committed.
void remember_newest(const std::vector<FrameGroup>& groups);
// In the order of the batch, as Storage::write() promises.
void sort_rejections(std::vector<Rejection>& rejections);

// Merges the records of each group into the frame that exists, or into an empty one. Those that
// differ then go to write(group, frame, exists). Returns the sources that changed, each once.
template <class Write>
std::vector<Source*> merge_groups(FrameMerger& merger, std::span<const Record> batch,
                                  const std::vector<FrameGroup>& groups, const StoredFrames& stored,
                                  std::vector<Rejection>& rejections, Write write) {
  std::vector<Source*> touched;
  Frame frame;  // for the memory of the one before
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& group = groups[i];
    const auto old = stored.find(i);
    if (old != stored.end()) {
      frame = old->second;
    } else {
      frame.numbers.clear();
      frame.texts.clear();
    }
    for (const auto index : group.records) {
      auto rejection = merger.apply(batch[index], index, *group.source, frame);
      if (rejection) rejections.push_back(std::move(*rejection));
    }
    if (!group.source->changes().empty()) touched.push_back(group.source);
    if (merger.take_changed()) write(group, frame, old != stored.end());
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  return touched;
}

}  // namespace unity::db
