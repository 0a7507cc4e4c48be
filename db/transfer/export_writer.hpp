// Writes an export in one of its forms. Nothing has its final name before all of it is on disk.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "transfer/manifest.hpp"

namespace unity::db::transfer {

class ExportWriter {
 public:
  // Removes what is not finished.
  virtual ~ExportWriter() = default;

  virtual Result<void> begin_table(const TransferTable& table) = 0;
  // `line` is the row in canonical form, with its line end.
  virtual Result<void> add(const Row& row, std::string_view line) = 0;
  virtual Result<void> end_table() = 0;
  // When this returns, the export is there and survives a power cut.
  virtual Result<void> finish(const Manifest& manifest) = 0;
};

// Errc::refused if there is something of the name already, Errc::invalid if there is no such
// format.
Result<std::unique_ptr<ExportWriter>> make_export_writer(std::string_view format,
                                                         const std::filesystem::path& path,
                                                         std::string_view app_version);

// A file for each table, and manifest.json, in a folder.
Result<std::unique_ptr<ExportWriter>> make_folder_writer(std::string_view format,
                                                         const std::filesystem::path& path);
// One document.
Result<std::unique_ptr<ExportWriter>> make_document_writer(const std::filesystem::path& path);
// An SQLite file with the tables that a host would make in it.
Result<std::unique_ptr<ExportWriter>> make_sqlite_writer(const std::filesystem::path& path,
                                                         std::string_view app_version);

}  // namespace unity::db::transfer
