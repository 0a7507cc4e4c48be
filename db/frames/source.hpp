// A source and its series: where in a frame each field of each metric is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unity/core/model/record.hpp"

namespace unity::db {

inline constexpr int kNoPosition = -1;

// One field of a metric. It gets a position when it first has a number; a field that has only ever
// been text has none.
struct Series {
  Name metric;
  Name field;
  Name unit;
  Kind kind = Kind::gauge;
  int position = kNoPosition;
  std::int64_t id = 0;  // in the database; 0 if it was not read from there

  // What the series of a source are told apart and sorted by.
  std::pair<std::string_view, std::string_view> name() const { return {metric, field}; }
};

class Source {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Change {
    std::size_t index;  // into series()
    bool added;         // else it exists already and differs
  };

  explicit Source(std::int64_t id) : id_(id) {}

  std::int64_t id() const { return id_; }
  const std::vector<Series>& series() const { return series_; }

  // The index of a series, or kNone. A source repeats itself, so the caller passes the index after
  // the last one that it found, which nearly always is the answer.
  std::size_t find(std::string_view metric, std::string_view field, std::size_t hint = 0) const;

  // Takes a series as the database has it. No series of that name may exist.
  void load(Series series);
  // Adds a series without a position, and remembers it as a change.
  std::size_t add(std::string_view metric, std::string_view field);
  // Gives the series the next position if it has none.
  void need_position(std::size_t index);
  void describe(std::size_t index, std::string_view unit, Kind kind);

  // What the database does not know yet.
  const std::vector<Change>& changes() const { return changes_; }
  void clear_changes() { changes_.clear(); }

  // No frame is newer. Kept by those who can say so; the lowest time until then.
  Time newest = Time::min();

 private:
  void mark_changed(std::size_t index);

  std::int64_t id_;
  int positions_ = 0;
  std::vector<Series> series_;
  std::vector<std::uint32_t> by_name_;  // indexes into series_, sorted by (metric, field)
  std::vector<Change> changes_;
};

}  // namespace unity::db
