#include "frames/points.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <tuple>

namespace unity::db {
namespace {

std::optional<FieldValue> value_in(const Frame& frame, const Series& series) {
  const auto number = frame.number(series.position);
  if (!is_absent(number)) return to_field_value(number, series.kind);
  const auto* text = frame.text(series.metric, series.field);
  return text != nullptr ? std::optional<FieldValue>(*text) : std::nullopt;
}

Point make_point(Time time, const NamedSource& source, const Series& series, FieldValue value) {
  return {time,          source.origin.device, source.origin.plugin, source.origin.instance,
          series.metric, series.field,         series.unit,          series.kind,
          source.tags,   std::move(value)};
}

}  // namespace

LatestPoints::LatestPoints(const NamedSource& source)
    : source_(source),
      wanted_(source.source.series().size(), true),
      missing_(source.source.series().size()) {}

void LatestPoints::add(Time time, const Frame& frame) {
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    if (!wanted_[i]) continue;
    const auto& series = source_.source.series()[i];
    auto value = value_in(frame, series);
    if (!value) continue;
    points_.push_back(make_point(time, source_, series, std::move(*value)));
    wanted_[i] = false;
    --missing_;
  }
}

std::vector<Point> LatestPoints::take() {
  std::sort(points_.begin(), points_.end(), [](const Point& a, const Point& b) {
    return std::tie(a.metric, a.field) < std::tie(b.metric, b.field);
  });
  return std::move(points_);
}

bool RangePoints::Found::operator<(const Found& other) const {
  return std::tie(time, source, series) < std::tie(other.time, other.source, other.series);
}

void RangePoints::begin_source(const NamedSource& source) {
  // Not at every source: a cut looks at all that was found.
  if (found_.size() / 2 >= limit_) cut();
  begun_at_ = found_.size();
  const auto& series = source.source.series();
  std::vector<std::size_t> by_name(series.size());
  std::iota(by_name.begin(), by_name.end(), std::size_t{0});
  std::sort(by_name.begin(), by_name.end(), [&series](std::size_t a, std::size_t b) {
    return series[a].name() < series[b].name();
  });
  asked_.push_back({&source, std::move(by_name)});
}

bool RangePoints::add(Time time, const Frame& frame) {
  // Earlier sources come first among equals.
  if (time >= full_before_) return false;
  const auto& [source, series] = asked_.back();
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (found_.size() - begun_at_ >= limit_) return false;
    if (auto value = value_in(frame, source->source.series()[series[i]])) {
      found_.push_back({time, asked_.size() - 1, i, std::move(*value)});
    }
  }
  return true;
}

std::vector<Point> RangePoints::take() {
  cut();
  std::sort(found_.begin(), found_.end());
  std::vector<Point> points;
  points.reserve(found_.size());
  for (auto& [time, index, position, value] : found_) {
    const auto& [source, series] = asked_[index];
    points.push_back(
        make_point(time, *source, source->source.series()[series[position]], std::move(value)));
  }
  return points;
}

void RangePoints::cut() {
  if (found_.size() < limit_ || limit_ == 0) return;
  const auto last = found_.begin() + static_cast<std::ptrdiff_t>(limit_ - 1);
  std::nth_element(found_.begin(), last, found_.end());
  full_before_ = last->time;
  found_.erase(last + 1, found_.end());
}

}  // namespace unity::db
