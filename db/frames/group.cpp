#include "frames/group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "frames/merge.hpp"
#include "frames/text.hpp"
#include "unity/core/base/text.hpp"

namespace unity::db {
namespace {

// Lengths make the key unambiguous whatever the parts contain.
void append_part(std::string& key, std::string_view part) {
  const auto size = static_cast<std::uint32_t>(part.size());
  key.append(reinterpret_cast<const char*>(&size), sizeof size);
  key += part;
}

void make_key(std::string& key, const Record& record) {
  key.clear();
  append_part(key, record.origin->device);
  append_part(key, record.origin->plugin);
  append_part(key, record.origin->instance);
  for (const auto& [name, value] : record.tags) {
    append_part(key, name);
    append_part(key, value);
  }
}

std::optional<Rejection> check_source(const Record& record, std::size_t index) {
  const auto bad = [index](std::string_view what, std::string_view text, std::size_t length) {
    return Rejection{index, "invalid",
                     fmt::format("the {} \"{}\" is no name of 1 to {} characters of UTF-8", what,
                                 is_utf8(text) ? text : "?", length)};
  };
  const auto& origin = *record.origin;
  if (!is_name(origin.device, kDeviceLength)) return bad("device", origin.device, kDeviceLength);
  if (!is_name(origin.plugin, kPluginLength)) return bad("plugin", origin.plugin, kPluginLength);
  if (!is_name(origin.instance, kInstanceLength)) {
    return bad("instance", origin.instance, kInstanceLength);
  }
  for (const auto& [name, value] : record.tags) {
    if (!is_text(name) || !is_text(value)) {
      return Rejection{index, "invalid", "a tag is not UTF-8, or contains a NUL"};
    }
  }
  return std::nullopt;
}

// The source of each record; null for one without content and for one that is rejected.
Result<std::vector<Source*>> find_sources(std::span<const Record> batch, SourceTable& table,
                                          std::vector<Rejection>& rejections) {
  std::vector<Source*> sources(batch.size());
  std::vector<MissingSource> missing;
  std::unordered_map<std::string, std::size_t> missing_at;
  std::vector<std::pair<std::size_t, std::size_t>> waiting;  // record, missing source
  std::string key;
  const Record* last = nullptr;  // whose source is known
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& record = batch[i];
    if (record.is_row || !has_content(record)) continue;
    // What one run says of a thing comes together.
    if (last != nullptr && last->origin == record.origin && last->tags == record.tags) {
      sources[i] = sources[static_cast<std::size_t>(last - batch.data())];
      continue;
    }
    last = nullptr;
    make_key(key, record);
    sources[i] = table.find(key);
    if (sources[i] != nullptr) {
      last = &record;
      continue;
    }
    if (auto rejection = check_source(record, i)) {
      rejections.push_back(std::move(*rejection));
      continue;
    }
    const auto [at, added] = missing_at.try_emplace(key, missing.size());
    if (added) missing.push_back({&record, key});
    waiting.emplace_back(i, at->second);
  }
  if (missing.empty()) return sources;
  const auto loaded = table.load(missing);
  if (!loaded) return loaded.error();
  for (const auto& [record, at] : waiting) sources[record] = (*loaded)[at];
  return sources;
}

// Records of one source and time that follow one another: [first, end) of the batch.
struct Run {
  Source* source;
  Time time;
  std::size_t first;
  std::size_t end;

  bool continues(const Source* of, Time at, std::size_t index) const {
    return source == of && time == at && end == index;
  }
};

}  // namespace

Result<std::vector<FrameGroup>> group_by_frame(std::span<const Record> batch, SourceTable& table,
                                               std::vector<Rejection>& rejections) {
  const auto sources = find_sources(batch, table, rejections);
  if (!sources) return sources.error();
  // Records that belong together mostly come together: what is sorted are their runs.
  std::vector<Run> runs;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto* source = (*sources)[i];
    if (source == nullptr) continue;
    if (!runs.empty() && runs.back().continues(source, batch[i].time, i)) {
      ++runs.back().end;
    } else {
      runs.push_back({source, batch[i].time, i, i + 1});
    }
  }
  std::stable_sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
    return std::pair(a.source->id(), a.time) < std::pair(b.source->id(), b.time);
  });
  std::vector<FrameGroup> groups;
  groups.reserve(runs.size());
  for (const auto& run : runs) {
    const bool is_more =
        !groups.empty() && groups.back().source == run.source && groups.back().time == run.time;
    if (!is_more) groups.push_back({run.source, run.time, {}});
    auto& records = groups.back().records;
    records.reserve(records.size() + run.end - run.first);
    for (auto i = run.first; i < run.end; ++i) records.push_back(i);
  }
  return groups;
}

std::vector<Time> times_of(const std::vector<FrameGroup>& groups) {
  std::vector<Time> times;
  times.reserve(groups.size());
  for (const auto& group : groups) times.push_back(group.time);
  return times;
}

}  // namespace unity::db
