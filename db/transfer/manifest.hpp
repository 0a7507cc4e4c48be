// What an export says of itself.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/layout.hpp"
#include "transfer/digest.hpp"

namespace unity::db::transfer {

struct Manifest {
  std::string app_version;  // that wrote it
  int schema = 0;           // the migration that the database was at
  std::string dialect;      // the type of the database
  std::string format;       // "jsonl", "json", "csv", "sqlite"
  Time exported_at{};
  std::optional<Time> since;  // older rows were left out
  std::map<std::string, TableSummary> tables;
  std::vector<Layout> datasets;            // whose tables are among them
  std::vector<std::string> left_out = {};  // the others, if only some were asked for
};

// JSON. It ends with a hash of itself.
std::string to_text(const Manifest& manifest, bool pretty);
// Errc::refused if it was written by a newer version, or differs by a byte from what to_text()
// wrote; `place` is for the message.
Result<Manifest> parse_manifest(std::string_view text, bool pretty, std::string_view place);

}  // namespace unity::db::transfer
