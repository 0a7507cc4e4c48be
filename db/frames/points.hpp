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
// other, each in the order of time; they must outlive this.
class RangePoints {
 public:
  explicit RangePoints(std::size_t limit) : limit_(limit) {}

  void begin_source(const NamedSource& source);
  // False once no later frame of this source can matter.
  bool add(Time time, const Frame& frame);
  // In the order of time; among equals in that of the sources, then of names.
  std::vector<Point> take();

 private:
  struct Asked {
    const NamedSource* source;
    std::vector<std::size_t> series;  // indexes into the source's, by name
  };
  // A point before it is written out: most of those that are seen are cut off again.
  struct Found {
    Time time;
    std::size_t source;  // index into asked_
    std::size_t series;  // index into its series
    FieldValue value;

    bool operator<(const Found& other) const;
  };
  void cut();

  std::size_t limit_;
  std::vector<Asked> asked_;
  std::size_t begun_at_ = 0;  // what earlier sources left
  std::vector<Found> found_;
  Time full_before_ = Time::max();  // earlier sources fill the limit with what is before that
};

}  // namespace unity::db
