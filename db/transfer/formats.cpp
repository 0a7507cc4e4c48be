// The one list of forms that an export can have.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>

#include "transfer/export_reader.hpp"
#include "transfer/export_writer.hpp"
#include "unity/db/transfer.hpp"

namespace unity::db::transfer {
namespace {

constexpr std::string_view kSqliteMagic("SQLite format 3\0", 16);

bool starts_as_sqlite(const std::filesystem::path& path) {
  std::string start(kSqliteMagic.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  return file.read(start.data(), static_cast<std::streamsize>(start.size())) &&
         start == kSqliteMagic;
}

}  // namespace

Error damaged_table(const std::filesystem::path& path, std::string_view table,
                    std::string_view what) {
  return {Errc::refused, fmt::format("the export {} is damaged: table {}: {}; make "
                                     "the export, or the copy of it, again",
                                     path.string(), table, what)};
}

Result<std::unique_ptr<ExportWriter>> make_export_writer(std::string_view format,
                                                         const std::filesystem::path& path,
                                                         std::string_view app_version) {
  if (format == "jsonl" || format == "csv") return make_folder_writer(format, path);
  if (format == "json") return make_document_writer(path);
  if (format == "sqlite") return make_sqlite_writer(path, app_version);
  return Error{Errc::invalid, fmt::format("there is no format \"{}\"; there are: {}", format,
                                          fmt::join(export_formats(), ", "))};
}

Result<std::unique_ptr<ExportReader>> open_export(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return Error{
        Errc::not_found,
        fmt::format("cannot read the export {}: there is no such file or folder", path.string())};
  }
  if (std::filesystem::is_directory(status)) return open_folder(path);
  return starts_as_sqlite(path) ? open_sqlite_export(path) : open_document(path);
}

}  // namespace unity::db::transfer

namespace unity::db {

std::vector<std::string> export_formats() { return {"csv", "json", "jsonl", "sqlite"}; }

}  // namespace unity::db
