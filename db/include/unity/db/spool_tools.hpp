// Looking at a spool from outside, with or without a host that runs, and mending it without one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/db/spool.hpp"

namespace unity::db {

struct SpoolSegmentReport {
  std::string file;
  std::uint64_t bytes = 0;
  Time created{};
  SpoolPosition first;
  SpoolPosition end;  // after the last good entry
  std::uint64_t entries = 0;
  std::uint64_t damaged_bytes = 0;
  std::uint64_t missing_records = 0;  // between the entries, and up to the next segment
  std::string problem;                // empty: it is whole
};

struct SpoolReport {
  struct Cursor {
    std::string id;
    SpoolPosition position;
  };

  std::vector<SpoolSegmentReport> segments;
  std::vector<Cursor> cursors;
  bool in_use = false;           // a host has it: its last bytes may still be on the way
  std::uint64_t torn_bytes = 0;  // at the end: an interrupted write, no damage
  std::uint64_t quarantined_bytes = 0;

  bool damaged() const;
};

// Reads and verifies every byte; changes nothing. Errc::not_found if there is no such folder.
Result<SpoolReport> inspect_spool(const std::filesystem::path& folder);

// Entries in order, from number `from` on. Stops when `visit` gives false. Damaged ones are
// skipped.
struct SpoolVisit {
  std::string file;
  std::uint64_t offset = 0;
  SpoolPosition first;
};
Result<void> visit_spool(const std::filesystem::path& folder, std::uint64_t from,
                         const std::function<bool(const SpoolVisit&, const SpoolEntry&)>& visit);

// Copies damaged bytes to quarantine/ and writes the segments anew without them. Errc::refused
// while a host runs. Gives what it did, a sentence each.
Result<std::vector<std::string>> repair_spool(const std::filesystem::path& folder);

}  // namespace unity::db
