#include "frames/read_points.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "base/day.hpp"

namespace unity::db {
namespace {

// Frames a query: an answer is held in memory as a whole.
constexpr int kPage = 1000;

bool has_tags(const NamedSource& source, const Tags& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&source](const Tags::Entry& tag) {
    const auto* value = source.tags.find(tag.first.text());
    return value != nullptr && *value == tag.second;
  });
}

Result<void> look_back(FrameTable& table, const NamedSource& source, LatestPoints& latest) {
  const auto frames = table.last(source, kPage);
  if (!frames) return frames.error();
  for (const auto& [time, frame] : *frames) {
    if (latest.done()) break;
    latest.add(time, frame);
  }
  return {};
}

Result<void> read_source(FrameTable& table, const NamedSource& source, Time from, Time to,
                         RangePoints& points) {
  while (from < to) {
    const auto frames = table.first(source, from, to, kPage);
    if (!frames) return frames.error();
    for (const auto& [time, frame] : *frames) {
      if (!points.add(time, frame)) return {};
      from = time + Time::duration(1);
    }
    if (frames->size() < kPage) return {};
  }
  return {};
}

}  // namespace

Result<std::vector<NamedSource>> find_sources(FrameTable& table, const SeriesFilter& filter) {
  auto found = table.sources_of(filter);
  if (!found) return found;
  std::erase_if(*found, [&](const NamedSource& source) { return !has_tags(source, filter.tags); });
  using Name = std::tuple<std::string_view, std::string_view, std::string_view, std::string>;
  std::vector<std::pair<Name, std::size_t>> names;  // to make the texts of tags once
  for (std::size_t i = 0; i < found->size(); ++i) {
    const auto& [origin, tags, source] = (*found)[i];
    names.push_back({Name(origin.device, origin.plugin, origin.instance, tags.to_json()), i});
  }
  std::sort(names.begin(), names.end());
  std::vector<NamedSource> sorted;
  sorted.reserve(found->size());
  for (const auto& [name, index] : names) sorted.push_back(std::move((*found)[index]));
  return sorted;
}

Result<std::vector<Point>> read_latest(FrameTable& table, const SeriesFilter& filter) {
  const auto sources = find_sources(table, filter);
  if (!sources) return sources.error();
  if (sources->empty()) return std::vector<Point>();
  std::vector<LatestPoints> latest;
  for (const auto& source : *sources) latest.emplace_back(source);
  // The newest frame of a source nearly always has all of its fields.
  const auto newest = table.newest(*sources);
  if (!newest) return newest.error();
  for (const auto& [index, found] : *newest) {
    latest[index].add(found.time, found.frame);
    if (latest[index].done()) continue;
    if (auto done = look_back(table, (*sources)[index], latest[index]); !done) {
      return std::move(done).error();
    }
  }
  std::vector<Point> points;
  for (auto& one : latest) std::ranges::move(one.take(), std::back_inserter(points));
  std::stable_sort(points.begin(), points.end(),
                   [](const Point& a, const Point& b) { return a.metric < b.metric; });
  return points;
}

Result<std::vector<Point>> read_range(FrameTable& table, const SeriesFilter& filter, Time from,
                                      Time to, std::size_t limit) {
  const auto sources = find_sources(table, filter);
  if (!sources) return sources.error();
  // What lies outside cannot be stored, and some of it not even be asked for.
  const auto begin = std::max<Time>(from, kFirstDay);
  const auto end = std::min<Time>(to, kEndDay);
  RangePoints points(limit);
  for (const auto& source : *sources) {
    points.begin_source(source);
    if (auto done = read_source(table, source, begin, end, points); !done) {
      return std::move(done).error();
    }
  }
  return points.take();
}

}  // namespace unity::db
