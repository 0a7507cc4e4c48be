// An export as a folder: manifest.json, and for each table "<table>.jsonl" or "<table>.csv".
#include <fmt/format.h>

#include <optional>

#include "transfer/canonical.hpp"
#include "transfer/csv.hpp"
#include "transfer/draft.hpp"
#include "transfer/export_reader.hpp"
#include "transfer/export_writer.hpp"
#include "transfer/file.hpp"

namespace unity::db::transfer {
namespace {

constexpr const char* kManifestName = "manifest.json";
constexpr std::string_view kCsv = "csv";

std::string file_name(std::string_view table, std::string_view format) {
  return fmt::format("{}.{}", table, format);
}

class FolderWriter final : public ExportWriter {
 public:
  FolderWriter(Draft draft, std::string_view format)
      : draft_(std::move(draft)), format_(format), is_csv_(format == kCsv) {}

  Result<void> begin_table(const TransferTable& table) override {
    table_ = &table.table;
    auto file = OutputFile::create(draft_.path() / file_name(table_->name, format_));
    if (!file) return std::move(file).error();
    file_.emplace(std::move(*file));
    if (!is_csv_) return {};
    text_.clear();
    append_csv_header(text_, *table_);
    text_ += '\n';
    return file_->write(text_);
  }

  Result<void> add(const Row& row, std::string_view line) override {
    if (!is_csv_) return file_->write(line);
    text_.clear();
    append_csv_row(text_, *table_, row);
    text_ += '\n';
    return file_->write(text_);
  }

  Result<void> end_table() override { return file_->finish(); }

  Result<void> finish(const Manifest& manifest) override {
    auto file = OutputFile::create(draft_.path() / kManifestName);
    if (!file) return std::move(file).error();
    if (auto done = file->write(to_text(manifest, true) + "\n"); !done) return done;
    if (auto done = file->finish(); !done) return done;
    if (auto done = sync_to_disk(draft_.path()); !done) return done;
    return draft_.publish();
  }

 private:
  Draft draft_;
  std::string format_;
  bool is_csv_;
  const schema::Table* table_ = nullptr;
  std::optional<OutputFile> file_;
  std::string text_;
};

class FolderReader final : public ExportReader {
 public:
  FolderReader(std::filesystem::path path, Manifest manifest) : path_(std::move(path)) {
    manifest_ = std::move(manifest);
    is_csv_ = manifest_.format == kCsv;
  }

  Result<void> read(const TransferTable& what, const TakeRow& take) override {
    const auto& table = what.table;
    auto lines = LineReader::open(path_ / file_name(table.name, manifest_.format));
    if (!lines) return wrong(table, lines.error());
    std::string record;
    if (is_csv_) {
      again_.clear();
      append_csv_header(again_, table);
      auto header = next_record(*lines, record);
      if (!header) return wrong(table, header.error());
      if (!*header || record != again_) {
        return damaged_table(path_, table.name, "its first line is not that of its columns");
      }
    }
    for (std::uint64_t number = is_csv_ ? 2 : 1;; ++number) {
      auto more = next_record(*lines, record);
      if (!more) return wrong(table, more.error());
      if (!*more) return {};
      if (auto parsed = parse(record, table); !parsed) {
        return damaged_table(path_, table.name,
                             fmt::format("row {}: {}", number, parsed.error().message));
      }
      if (auto taken = take(row_); !taken) return taken;
    }
  }

 private:
  // What is read from a file whose disk fails may be read another time; all else is damage.
  Error wrong(const schema::Table& table, const Error& error) const {
    if (error.code == Errc::unavailable) return error;
    return damaged_table(path_, table.name, error.message);
  }

  Result<bool> next_record(LineReader& lines, std::string& record) {
    std::string_view line;
    auto more = lines.next(line);
    if (!more || !*more) return more;
    record = line;
    bool is_cut = is_csv_ && has_odd_quotes(line);
    while (is_cut) {
      more = lines.next(line);
      if (!more) return more;
      if (!*more) return Error{Errc::refused, "a quote is missing at the end"};
      record += '\n';
      record += line;
      is_cut = !has_odd_quotes(line);
    }
    return true;
  }

  // Written again it must be the same, so that no byte can change unseen.
  Result<void> parse(std::string_view record, const schema::Table& table) {
    again_.clear();
    auto parsed =
        is_csv_ ? parse_csv_row(record, table, row_) : parse_json_row(record, table, row_);
    if (!parsed) return parsed;
    is_csv_ ? append_csv_row(again_, table, row_) : append_json_row(again_, table, row_);
    if (again_ == record) return {};
    return Error{Errc::invalid, "it is not as it was written"};
  }

  std::filesystem::path path_;
  bool is_csv_ = false;
  Row row_;
  std::string again_;
};

}  // namespace

Result<std::unique_ptr<ExportWriter>> make_folder_writer(std::string_view format,
                                                         const std::filesystem::path& path) {
  auto draft = Draft::begin(path);
  if (!draft) return std::move(draft).error();
  return std::unique_ptr<ExportWriter>(std::make_unique<FolderWriter>(std::move(*draft), format));
}

Result<std::unique_ptr<ExportReader>> open_folder(const std::filesystem::path& path) {
  const auto file = path / kManifestName;
  const auto text = read_file(file);
  if (!text && text.error().code == Errc::not_found) {
    return Error{Errc::refused,
                 fmt::format("cannot read the export {}: it has no {}; is it an export?",
                             path.string(), kManifestName)};
  }
  if (!text) return text.error();
  std::string_view content = *text;
  if (content.ends_with('\n')) content.remove_suffix(1);
  auto manifest = parse_manifest(content, true, file.string());
  if (!manifest) return std::move(manifest).error();
  return std::unique_ptr<ExportReader>(std::make_unique<FolderReader>(path, std::move(*manifest)));
}

}  // namespace unity::db::transfer
