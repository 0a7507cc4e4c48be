// What the retention job needs of a database. An adapter implements it on a session of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/db/retention.hpp"

namespace unity::db {

// A row of retention_state.
struct Floor {
  Time time{};       // what is older is taken no more
  Time raised_at{};  // to that
  // Of what is older, some may be gone. Not later than `time`.
  std::optional<Time> dropped_before;
};

// What one step of forgetting did.
struct Forgotten {
  std::uint64_t rows = 0;        // deleted one by one
  std::uint64_t partitions = 0;  // dropped as a whole
  bool more = false;             // is left to do
  std::string busy;              // who reads holds the step up: it is worth trying again later
};

class RetentionStore {
 public:
  virtual ~RetentionStore() = default;

  // Nothing: it was never raised.
  virtual Result<std::optional<Floor>> floor(std::string_view table) = 0;
  // Never lowers it.
  virtual Result<void> raise(std::string_view table, Time floor, Time now) = 0;
  // For what a wrong clock has written: both become this. Never lowers the floor below
  // `dropped_before`; then nothing changes.
  virtual Result<void> correct(std::string_view table, Time floor, Time raised_at) = 0;
  // To be called before anything is forgotten: from now on some may be gone.
  virtual Result<void> begin_drop(std::string_view table) = 0;

  // The floor that `bytes_max` asks for: the beginning of the first day that may stay, not later
  // than `today`. It may free less than is needed, and then has more to say the next time, but not
  // much too much. Nothing: the table fits.
  virtual Result<std::optional<Time>> floor_for_size(const AgingTable& table,
                                                     std::uint64_t bytes_max, Time today) = 0;
  // Removes some of what is before the floor: so much that whoever writes does not feel it. To be
  // called for one table until there is no more: with another one it begins anew.
  virtual Result<Forgotten> forget(const AgingTable& table, Time floor) = 0;
  // Gives some of what is free back to the file system. True if there is more.
  virtual Result<bool> shrink() = 0;
};

}  // namespace unity::db
