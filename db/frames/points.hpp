// Turns frames back into points, for every adapter's reader.
#pragma once

#include <vector>

#include "frames/frame.hpp"
#include "frames/source.hpp"
#include "unity/core/ports/metric_reader.hpp"

namespace unity::db {

// A source with its name, and those of its series that are asked for.
struct NamedSource {
  Origin origin;
  Tags tags;
  Source source;
};

// The newest point of each field of one source. Feed it frames from the newest backwards.
class LatestPoints {
 public:
  // `source` must outlive this.
  explicit LatestPoints(const NamedSource& source);

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

// Every point of the sources' series, the earliest `limit` of them. Feed it one source after the
// other, each in the order of time.
class RangePoints {
 public:
  explicit RangePoints(std::size_t limit) : limit_(limit) {}

  void begin_source(const NamedSource& source);
  // False once no later frame of this source can matter.
  bool add(Time time, const Frame& frame);
  std::vector<Point> take();

 private:
  void cut();

  std::size_t limit_;
  const NamedSource* source_ = nullptr;
  std::vector<std::size_t> wanted_;  // indexes into the source's series, by name
  std::size_t begun_at_ = 0;         // points of earlier sources
  std::vector<Point> points_;
};

}  // namespace unity::db
