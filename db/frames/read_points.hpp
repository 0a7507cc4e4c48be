// Reads points from frames, from those of a server in a bounded number of round trips.
#pragma once

#include <vector>

#include "frames/points.hpp"

namespace unity::db {

struct TimedFrame {
  Time time;
  Frame frame;
};

// A frame of one of the sources that were asked about.
struct SourceFrame {
  std::size_t source;  // its index
  TimedFrame timed;
};

// What reading points asks of a database, in one consistent view of it.
class FrameTable {
 public:
  virtual ~FrameTable() = default;
  // The series that `filter` lets pass, whatever their source's tags, with their sources. In any
  // order.
  virtual Result<std::vector<NamedSource>> sources_of(const SeriesFilter& filter) = 0;
  // The newest frame of each source that has any.
  virtual Result<std::vector<SourceFrame>> newest(const std::vector<NamedSource>& sources) = 0;
  // The last frames of a source, the newest first.
  virtual Result<std::vector<TimedFrame>> last(const NamedSource& source, int count) = 0;
  // The first frames of a source with from <= time < to, in the order of time.
  virtual Result<std::vector<TimedFrame>> first(const NamedSource& source, Time from, Time to,
                                                int count) = 0;
};

// What passes the whole filter, by name. The server's order of texts depends on its locale.
Result<std::vector<NamedSource>> find_sources(FrameTable& table, const SeriesFilter& filter);

// As MetricReader promises. A field that was missing from the last thousand frames of its source
// is not looked for.
Result<std::vector<Point>> read_latest(FrameTable& table, const SeriesFilter& filter);
Result<std::vector<Point>> read_range(FrameTable& table, const SeriesFilter& filter, Time from,
                                      Time to, std::size_t limit);

}  // namespace unity::db
