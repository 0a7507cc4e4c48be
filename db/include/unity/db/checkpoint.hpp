// How far a collector is, by its own word, with the records that are in the spool.
#pragma once

#include <cstdint>
#include <string>

namespace unity::db {

struct Checkpoint {
  std::string instance;
  std::string value;  // any bytes, not empty
  // The spool's number after the records that it speaks of, or a later one at which they and all
  // before them were durable. Of two checkpoints of an instance, the one with the higher place is
  // newer.
  std::uint64_t place = 0;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

}  // namespace unity::db
