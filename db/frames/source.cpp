#include "frames/source.hpp"

#include <algorithm>

namespace unity::db {
namespace {

// Orders indexes into `series` by name.
auto before(const std::vector<Series>& series) {
  return [&series](std::uint32_t index, std::pair<std::string_view, std::string_view> name) {
    return series[index].name() < name;
  };
}

}  // namespace

std::size_t Source::find(std::string_view metric, std::string_view field, std::size_t hint) const {
  const auto is_it = [&](std::size_t index) {
    return series_[index].field == field && series_[index].metric == metric;
  };
  if (hint < series_.size() && is_it(hint)) return hint;
  const auto found =
      std::lower_bound(by_name_.begin(), by_name_.end(), std::pair(metric, field), before(series_));
  return found != by_name_.end() && is_it(*found) ? *found : kNone;
}

void Source::load(Series series) {
  const auto where =
      std::lower_bound(by_name_.begin(), by_name_.end(), series.name(), before(series_));
  by_name_.insert(where, static_cast<std::uint32_t>(series_.size()));
  positions_ = std::max(positions_, series.position + 1);
  series_.push_back(std::move(series));
}

std::size_t Source::add(std::string_view metric, std::string_view field) {
  const auto index = series_.size();
  load({metric, field, {}, Kind::gauge, kNoPosition});
  changes_.push_back({index, true});
  return index;
}

void Source::need_position(std::size_t index) {
  if (series_[index].position != kNoPosition) return;
  series_[index].position = positions_++;
  mark_changed(index);
}

void Source::describe(std::size_t index, std::string_view unit, Kind kind) {
  auto& series = series_[index];
  if (series.unit == unit && series.kind == kind) return;
  series.unit = unit;
  series.kind = kind;
  mark_changed(index);
}

void Source::mark_changed(std::size_t index) {
  const auto known = std::any_of(changes_.begin(), changes_.end(),
                                 [index](const Change& change) { return change.index == index; });
  if (!known) changes_.push_back({index, false});
}

}  // namespace unity::db
