// Turns frames back into points, for every adapter's reader.
#pragma once

#include <string_view>
#include <vector>

#include "frames/frame.hpp"
#include "frames/source.hpp"
#include "unity/core/ports/metric_reader.hpp"

namespace unity::db {

// A source with its name.
struct NamedSource {
  Origin origin;
  Tags tags;
  Source source;
};

// The newest point of each field of one source. Feed it frames from the newest backwards.
class LatestPoints {
 public:
  // An empty metric means all of them. `source` must outlive this.
  LatestPoints(const NamedSource& source, std::string_view metric);

  bool done() const { return missing_ == 0; }
  void add(Time time, const Frame& frame);
  // Ordered by metric, then field.
  std::vector<Point> take();

 private:
  const NamedSource& source_;
  std::vector<bool> wanted_;  // by index into the source's series
  std::size_t missing_ = 0;
  std::vector<Point> points_;
};

// Every point of one metric, the earliest `limit` of them. Feed it one source after the other,
// each in the order of time.
class RangePoints {
 public:
  RangePoints(std::string_view metric, std::size_t limit) : metric_(metric), limit_(limit) {}

  void begin_source(const NamedSource& source);
  // False once no later frame of this source can matter.
  bool add(Time time, const Frame& frame);
  std::vector<Point> take();

 private:
  void cut();

  std::string_view metric_;
  std::size_t limit_;
  const NamedSource* source_ = nullptr;
  std::vector<std::size_t> wanted_;  // indexes into the source's series, by field
  std::size_t begun_at_ = 0;         // points of earlier sources
  std::vector<Point> points_;
};

}  // namespace unity::db
