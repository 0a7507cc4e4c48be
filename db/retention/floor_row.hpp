// A row of retention_state as it is read.
#pragma once

#include "retention/retention_store.hpp"

namespace unity::db {

#define UNITY_FLOOR_COLUMNS "floor_time, raised_at, dropped_before"

// `In`: RowValues of these columns.
template <class In>
Floor read_floor(In in) {
  Floor floor;
  floor.time = in.time();
  floor.raised_at = in.time();
  floor.dropped_before = in.time_or_null();
  return floor;
}

}  // namespace unity::db
