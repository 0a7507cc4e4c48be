#include "memory/memory_storage.hpp"

#include <algorithm>

namespace unity::db {

Result<std::vector<Rejection>> MemoryStorage::write(std::span<const Record> batch) {
  std::vector<Rejection> rejections;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!batch[i].is_row) continue;
    rejections.push_back(
        {i, "undeclared", "a database of type \"memory\" has no tables for datasets"});
  }
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

// What the readers ask for. There are no rollups: everything is computed of the numbers.
class MemoryStorage::Tables : public QueryTables {
 public:
  explicit Tables(const MemoryStorage& storage) : storage_(storage) {}

  Result<std::vector<NamedSource>> sources_of(const SeriesFilter& filter) override {
    const auto passes = [](const std::string& wanted, const std::string& name) {
      return wanted.empty() || wanted == name;
    };
    std::vector<NamedSource> found;
    for (const auto& stored : storage_.sources_) {
      const auto& [origin, tags, source] = stored->named;
      if (!passes(filter.device, origin.device) || !passes(filter.plugin, origin.plugin) ||
          !passes(filter.instance, origin.instance)) {
        continue;
      }
      NamedSource wanted{origin, tags, Source(source.id())};
      for (const auto& series : source.series()) {
        if (passes(filter.metric, series.metric) && passes(filter.field, series.field)) {
          wanted.source.load(series);
        }
      }
      if (!wanted.source.series().empty()) found.push_back(std::move(wanted));
    }
    return found;
  }

  Result<std::vector<SourceFrame>> newest(const std::vector<NamedSource>& sources) override {
    std::vector<SourceFrame> found;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const auto& frames = frames_of(sources[i]);
      if (!frames.empty()) found.push_back({i, {frames.rbegin()->first, frames.rbegin()->second}});
    }
    return found;
  }

  Result<std::vector<TimedFrame>> last(const NamedSource& source, int count) override {
    std::vector<TimedFrame> found;
    const auto& frames = frames_of(source);
    for (auto at = frames.rbegin(); at != frames.rend() && count > 0; ++at, --count) {
      found.push_back({at->first, at->second});
    }
    return found;
  }

  Result<std::vector<TimedFrame>> first(const NamedSource& source, Time from, Time to,
                                        int count) override {
    std::vector<TimedFrame> found;
    const auto& frames = frames_of(source);
    for (auto at = frames.lower_bound(from); at != frames.end() && at->first < to && count > 0;
         ++at, --count) {
      found.push_back({at->first, at->second});
    }
    return found;
  }

  Result<Stored> stored(Time, Time) override {
    Stored stored;
    stored.has_rollups = false;
    return stored;
  }

  Result<std::vector<SourceFrame>> between(const std::vector<NamedSource>& sources, Time from,
                                           Time to, int count) override {
    std::vector<SourceFrame> found;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      auto frames = first(sources[i], from, to, count - static_cast<int>(found.size()));
      for (auto& timed : *frames) found.push_back({i, std::move(timed)});
    }
    return found;
  }

  Result<void> rollups(const RollupQuery&, const TakePart&) override { return {}; }

 private:
  const std::map<Time, Frame>& frames_of(const NamedSource& source) const {
    return storage_.sources_[static_cast<std::size_t>(source.source.id())]->frames;
  }

  const MemoryStorage& storage_;
};

Result<void> MemoryStorage::in_view(const Read& read) {
  Tables tables(*this);
  return read(tables);
}

}  // namespace unity::db
