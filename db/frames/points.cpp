#include "frames/points.hpp"

#include <algorithm>
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

void RangePoints::begin_source(const NamedSource& source) {
  cut();
  source_ = &source;
  begun_at_ = points_.size();
  wanted_.clear();
  const auto& series = source.source.series();
  for (std::size_t i = 0; i < series.size(); ++i) wanted_.push_back(i);
  std::sort(wanted_.begin(), wanted_.end(), [&series](std::size_t a, std::size_t b) {
    return series[a].name() < series[b].name();
  });
}

bool RangePoints::add(Time time, const Frame& frame) {
  // Earlier sources come first among equals, so a full list of theirs that ends no later wins.
  if (begun_at_ >= limit_ && (limit_ == 0 || time >= points_[limit_ - 1].time)) return false;
  for (const auto index : wanted_) {
    if (points_.size() - begun_at_ >= limit_) return false;
    const auto& series = source_->source.series()[index];
    if (auto value = value_in(frame, series)) {
      points_.push_back(make_point(time, *source_, series, std::move(*value)));
    }
  }
  return true;
}

std::vector<Point> RangePoints::take() {
  cut();
  return std::move(points_);
}

void RangePoints::cut() {
  std::stable_sort(points_.begin(), points_.end(),
                   [](const Point& a, const Point& b) { return a.time < b.time; });
  if (points_.size() > limit_) points_.resize(limit_);
}

}  // namespace unity::db
