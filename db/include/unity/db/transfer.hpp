// Moves what a database holds into files, and from files into another database, of whatever type.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/db/open.hpp"

namespace unity::db {

// "csv", "json", "jsonl", "sqlite"
std::vector<std::string> export_formats();

struct TransferProgress {
  std::string_view doing;  // "exporting", "looking at the target", "checking", "importing", …
  std::string_view table;
  std::uint64_t rows = 0;   // of all tables, in this step
  std::uint64_t total = 0;  // likewise
  bool table_done = false;
};
// Called every now and then on the thread that does the work.
using OnTransferProgress = std::function<void(const TransferProgress&)>;

struct TransferredTable {
  std::string name;
  std::uint64_t rows = 0;
  std::uint64_t rows_before = 0;  // import: those that an earlier try had brought already
  std::string sha256;             // the same whatever database the rows are in
  bool differs = false;           // import with `verify`: the target has something else
};

struct TransferSummary {
  std::string place;  // the database
  std::string format;
  int schema = 0;  // of the export
  std::vector<TransferredTable> tables;
  std::uint64_t rows() const;
};

struct ExportOptions {
  std::string format = "jsonl";
  std::filesystem::path path;       // jsonl, csv: a folder that is made; else a file
  std::vector<std::string> tables;  // empty: all
  std::optional<Time> since;        // rows of tables that age: at this time or later
  std::string app_version;
};

// Reads as of one moment, beside hosts that write. Nothing has the name `path` before all of it is
// on disk. Errc::refused if there is something of that name, or the schema is not at head.
Result<TransferSummary> export_database(const DatabaseConfig& config, const ExportOptions& options,
                                        const OnTransferProgress& progress);

struct ImportOptions {
  std::filesystem::path path;
  bool verify = false;  // read all of it back and compare
  std::string app_version;
};

// Checks all of the export before anything is written; a database without tables gets them. Its
// tables must be empty, or begin with the rows of the export: then an import that was cut off goes
// on. Errc::refused if they hold anything else, if the export is damaged or newer than this binary.
Result<TransferSummary> import_database(const DatabaseConfig& config, const ImportOptions& options,
                                        const OnTransferProgress& progress);

}  // namespace unity::db
