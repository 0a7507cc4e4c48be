// An export as one JSON document. A row is a line of it, so it is written and read as a stream:
//   {"tables": {
//   "devices": [
//   {"device_id":1,…},
//   {"device_id":2,…}
//   ],
//   "plugins": [
//   ]
//   },
//   "manifest": {…}
//   }
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "transfer/canonical.hpp"
#include "transfer/draft.hpp"
#include "transfer/export_reader.hpp"
#include "transfer/export_writer.hpp"
#include "transfer/file.hpp"

namespace unity::db::transfer {
namespace {

constexpr const char* kFileName = "export.json";  // in the draft
constexpr std::string_view kHead = "{\"tables\": {";
constexpr std::string_view kManifestHead = "\"manifest\": ";
constexpr std::string_view kEnd = "\n}\n";
constexpr std::streamoff kTailMax = 16 << 20;  // a manifest is smaller

std::string table_head(std::string_view name) { return fmt::format("\"{}\": [", name); }

class DocumentWriter final : public ExportWriter {
 public:
  DocumentWriter(Draft draft, OutputFile file) : draft_(std::move(draft)), file_(std::move(file)) {}

  Result<void> begin_table(const TransferTable& table) override {
    rows_ = 0;
    return file_.write(
        fmt::format("{}\n{}", tables_++ == 0 ? kHead : ",", table_head(table.table.name)));
  }

  Result<void> add(const Row&, std::string_view line) override {
    if (auto done = file_.write(rows_++ == 0 ? "\n" : ",\n"); !done) return done;
    return file_.write(line.substr(0, line.size() - 1));
  }

  Result<void> end_table() override { return file_.write("\n]"); }

  Result<void> finish(const Manifest& manifest) override {
    auto tail = fmt::format("{}\n}},\n{}{}{}", tables_ == 0 ? kHead : "", kManifestHead,
                            to_text(manifest, false), kEnd);
    if (auto done = file_.write(tail); !done) return done;
    if (auto done = file_.finish(); !done) return done;
    return draft_.publish_file(kFileName);
  }

 private:
  Draft draft_;  // first: the file is in it
  OutputFile file_;
  std::uint64_t tables_ = 0;
  std::uint64_t rows_ = 0;
};

class DocumentReader final : public ExportReader {
 public:
  DocumentReader(std::filesystem::path path, LineReader lines, Manifest manifest)
      : path_(std::move(path)), lines_(std::move(lines)) {
    manifest_ = std::move(manifest);
  }

  Result<void> read(const TransferTable& what, const TakeRow& take) override {
    const auto& table = what.table;
    const auto damage = [&](std::string_view why) { return damaged_table(path_, table.name, why); };
    if (tables_ == 0 && !is_next(kHead)) return damage("the document does not begin as it should");
    if (!is_next(table_head(table.name))) return damage("it is not where it should be");
    const bool is_last = ++tables_ == manifest_.tables.size();
    bool more = true;  // as the comma after the row before says
    for (std::uint64_t number = 1;; ++number) {
      std::string_view line;
      auto got = lines_.next(line);
      if (!got && got.error().code == Errc::unavailable) return std::move(got).error();
      if (!got || !*got) return damage("the document was cut");
      if (line == (is_last ? "]" : "],") && (!more || number == 1)) break;
      if (!more) return damage(fmt::format("a comma is missing after row {}", number - 1));
      more = line.ends_with(',');
      if (more) line.remove_suffix(1);
      if (auto parsed = parse(line, table); !parsed) {
        return damage(fmt::format("row {}: {}", number, parsed.error().message));
      }
      if (auto taken = take(row_); !taken) return taken;
    }
    if (!is_last) return {};
    // The manifest after it is known to be whole.
    return is_next("},") ? Result<void>() : damage("the document does not end as it should");
  }

 private:
  bool is_next(std::string_view wanted) {
    std::string_view line;
    const auto got = lines_.next(line);
    return got && *got && line == wanted;
  }

  // Written again it must be the same, so that no byte can change unseen.
  Result<void> parse(std::string_view line, const schema::Table& table) {
    if (auto parsed = parse_json_row(line, table, row_); !parsed) return parsed;
    again_.clear();
    append_json_row(again_, table, row_);
    if (again_ == line) return {};
    return Error{Errc::invalid, "it is not as it was written"};
  }

  std::filesystem::path path_;
  LineReader lines_;
  std::size_t tables_ = 0;  // read until now
  Row row_;
  std::string again_;
};

// The last line but one, which is the manifest; nothing if the file does not end so.
std::optional<std::string> read_manifest(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return std::nullopt;
  const std::streamoff size = file.tellg();
  const auto tail_size = std::min(size, kTailMax);
  std::string tail(static_cast<std::size_t>(tail_size), '\0');
  file.seekg(size - tail_size);
  if (!file.read(tail.data(), tail_size) || !tail.ends_with(kEnd)) return std::nullopt;
  tail.resize(tail.size() - kEnd.size());
  const auto line = tail.rfind('\n');
  if (line == tail.npos) return std::nullopt;
  tail.erase(0, line + 1);
  if (!tail.starts_with(kManifestHead)) return std::nullopt;
  return tail.substr(kManifestHead.size());
}

}  // namespace

Result<std::unique_ptr<ExportWriter>> make_document_writer(const std::filesystem::path& path) {
  auto draft = Draft::begin(path);
  if (!draft) return std::move(draft).error();
  auto file = OutputFile::create(draft->path() / kFileName);
  if (!file) return std::move(file).error();
  return std::unique_ptr<ExportWriter>(
      std::make_unique<DocumentWriter>(std::move(*draft), std::move(*file)));
}

Result<std::unique_ptr<ExportReader>> open_document(const std::filesystem::path& path) {
  const auto text = read_manifest(path);
  if (!text) {
    return Error{
        Errc::refused,
        fmt::format("cannot read the export {}: it does not end with a manifest, so it was "
                    "cut, was written again by something else, or is no export",
                    path.string())};
  }
  auto manifest = parse_manifest(*text, false, path.string());
  if (!manifest) return std::move(manifest).error();
  auto lines = LineReader::open(path);
  if (!lines) return std::move(lines).error();
  return std::unique_ptr<ExportReader>(
      std::make_unique<DocumentReader>(path, std::move(*lines), std::move(*manifest)));
}

}  // namespace unity::db::transfer
