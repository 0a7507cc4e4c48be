// The floor of the frames, as a writer knows it: what is older, it must refuse.
#pragma once

#include <optional>

#include "unity/db/retention.hpp"

namespace unity::db {

// One thread.
class KnownFloor {
 public:
  static constexpr const char* kQuery =
      "SELECT max(floor_time) FROM retention_state WHERE table_name = 'metric_frames'";

  // Whether it is to be read anew. A clock that was set back counts as time that has passed.
  bool is_due(Time now) const { return !read_at_ || now - *read_at_ >= kEvery || now < *read_at_; }
  void read(std::optional<Time> floor, Time now) {
    floor_ = floor.value_or(Time::min());  // one that a wrong clock raised is lowered again
    read_at_ = now;
  }
  // Time::min(): none.
  Time time() const { return floor_; }
  // To be read at the next opportunity.
  void forget() { read_at_.reset(); }

 private:
  static constexpr std::chrono::minutes kEvery{1};
  static_assert(kEvery * 2 <= kFloorIsKnownAfter, "a write that has begun must be over by then");

  Time floor_ = Time::min();
  std::optional<Time> read_at_;
};

}  // namespace unity::db
