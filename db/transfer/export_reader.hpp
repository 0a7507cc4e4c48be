// Reads an export in any of its forms.
#pragma once

#include <filesystem>
#include <memory>

#include "transfer/manifest.hpp"

namespace unity::db::transfer {

class ExportReader {
 public:
  virtual ~ExportReader() = default;

  const Manifest& manifest() const { return manifest_; }
  // Tables are to be read in the order of fitting_tables(), each once. Errc::refused names the
  // table that is damaged or missing.
  virtual Result<void> read(const TransferTable& table, const TakeRow& take) = 0;

 protected:
  Manifest manifest_;
};

// Tells the form by what is there. Errc::not_found if nothing is.
Result<std::unique_ptr<ExportReader>> open_export(const std::filesystem::path& path);

Result<std::unique_ptr<ExportReader>> open_folder(const std::filesystem::path& path);
Result<std::unique_ptr<ExportReader>> open_document(const std::filesystem::path& path);
Result<std::unique_ptr<ExportReader>> open_sqlite_export(const std::filesystem::path& path);

// "cannot read the export …: the table devices is damaged: …"
Error damaged_table(const std::filesystem::path& path, std::string_view table,
                    std::string_view what);

}  // namespace unity::db::transfer
