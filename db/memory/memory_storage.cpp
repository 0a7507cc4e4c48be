#include "memory/memory_storage.hpp"

#include <algorithm>
#include <iterator>

namespace unity::db {

Result<std::vector<Rejection>> MemoryStorage::write(std::span<const Record> batch) {
  std::vector<Rejection> rejections;
  auto groups = group_by_frame(batch, *this, rejections);
  if (!groups) return std::move(groups).error();
  for (const auto& group : *groups) {
    auto& frame = sources_[static_cast<std::size_t>(group.source->id())]->frames[group.time];
    for (const auto index : group.records) {
      auto rejection = merger_.apply(batch[index], index, *group.source, frame);
      if (rejection) rejections.push_back(std::move(*rejection));
    }
    group.source->clear_changes();
  }
  std::sort(rejections.begin(), rejections.end(),
            [](const Rejection& a, const Rejection& b) { return a.index < b.index; });
  return rejections;
}

Source* MemoryStorage::find(std::string_view key) {
  const auto found = by_key_.find(key);
  return found != by_key_.end() ? &found->second->named.source : nullptr;
}

Result<std::vector<Source*>> MemoryStorage::load(std::span<const MissingSource> missing) {
  std::vector<Source*> loaded;
  for (const auto& [record, key] : missing) {
    const auto id = static_cast<std::int64_t>(sources_.size());
    sources_.push_back(std::make_unique<StoredSource>(
        StoredSource{{*record->origin, record->tags, Source(id)}, {}}));
    by_key_.emplace(key, sources_.back().get());
    loaded.push_back(&sources_.back()->named.source);
  }
  return loaded;
}

Result<std::vector<Point>> MemoryStorage::latest(std::string_view metric) {
  std::vector<Point> points;
  for (const auto* source : sorted_sources()) {
    LatestPoints latest(source->named, metric);
    for (auto frame = source->frames.rbegin(); frame != source->frames.rend() && !latest.done();
         ++frame) {
      latest.add(frame->first, frame->second);
    }
    std::ranges::move(latest.take(), std::back_inserter(points));
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const Point& a, const Point& b) { return a.metric < b.metric; });
  return points;
}

Result<std::vector<Point>> MemoryStorage::range(std::string_view metric, Time from, Time to,
                                                std::size_t limit) {
  RangePoints points(metric, limit);
  for (const auto* source : sorted_sources()) {
    points.begin_source(source->named);
    const auto end = source->frames.lower_bound(to);
    for (auto frame = source->frames.lower_bound(from);
         frame != end && points.add(frame->first, frame->second); ++frame) {
    }
  }
  return points.take();
}

std::vector<const MemoryStorage::StoredSource*> MemoryStorage::sorted_sources() const {
  std::vector<const StoredSource*> sorted;
  for (const auto& source : sources_) sorted.push_back(source.get());
  const auto name = [](const StoredSource* source) {
    const auto& origin = source->named.origin;
    return std::tuple(origin.device, origin.plugin, origin.instance, source->named.tags.to_json());
  };
  std::sort(sorted.begin(), sorted.end(),
            [&name](const StoredSource* a, const StoredSource* b) { return name(a) < name(b); });
  return sorted;
}

}  // namespace unity::db
