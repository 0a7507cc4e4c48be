// TimescaleDB in a PostgreSQL database: whether it is there, and whether it cuts our tables by
// time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "migrate/ops.hpp"
#include "postgres/connection.hpp"

namespace unity::db::postgres {

// A table and the column of time that it is cut by.
using Hypertables = std::map<std::string, std::string>;

struct Timescale {
  bool loaded = false;         // the server preloads it
  std::string available;       // the version that the server has for its databases; empty: none
  std::string installed;       // the version in this database; empty: none
  std::string license;         // "timescale" or "apache"; empty where it is not installed
  Hypertables hypertables;     // of our schema
  int partitioned_tables = 0;  // those that PostgreSQL cuts by itself

  // Compression and jobs need more than the free licence.
  bool can_compress() const { return license == "timescale"; }
};

// Refused if there are hypertables and the server does not load what they need.
Result<Timescale> look_for_timescale(Connection& connection);

// How the tables of a database are cut by time: as those that are there; in a new one as
// configured. What was made in one way stays so.
Dialect dialect_of(const Timescale& timescale, const TimeseriesConfig& config);

// Where what is there is not what is configured, in sentences that say what to do. None on a
// server without TimescaleDB of which nobody expects it.
std::vector<std::string> remarks_on(const Timescale& timescale, const TimeseriesConfig& config,
                                    const std::string& place);

}  // namespace unity::db::postgres
