#include "unity/db/spool_tools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "spool/codec.hpp"
#include "spool/cursor_file.hpp"
#include "spool/quarantine.hpp"
#include "spool/segment_reader.hpp"
#include "spool/spool.hpp"

namespace unity::db {
namespace {

using namespace spool;

struct Listed {
  std::vector<std::pair<SegmentName, std::uint64_t>> segments;  // with their sizes, in order
  std::set<std::string> cursors;
};

Result<Listed> list(FileSystem& fs, const std::filesystem::path& folder) {
  const auto files = fs.list(folder);
  if (!files) return files.error();
  Listed listed;
  for (const auto& [name, size] : *files) {
    if (const auto segment = parse_segment_name(name)) listed.segments.emplace_back(*segment, size);
    if (name.starts_with("cursor.") && (name.ends_with(".a") || name.ends_with(".b"))) {
      listed.cursors.insert(name.substr(7, name.size() - 9));
    }
  }
  std::sort(listed.segments.begin(), listed.segments.end());
  return listed;
}

// One segment, its file open; without a header nothing of it can be read.
struct Open {
  std::unique_ptr<File> file;
  std::optional<SegmentHeader> header;
};

Result<Open> open_segment(FileSystem& fs, const std::filesystem::path& path) {
  auto file = fs.open(path, OpenMode::read);
  if (!file) return file.error();
  std::array<char, kSegmentDataBegin> bytes{};
  const auto got = read_fully(**file, bytes, 0);
  if (!got) return got.error();
  return Open{std::move(*file), read_segment_header({bytes.data(), *got})};
}

bool lock_is_free(FileSystem& fs, const std::filesystem::path& folder) {
  // Only an existing lock: looking must not create files.
  if (!fs.open(folder / kLock, OpenMode::read)) return true;
  return fs.lock(folder / kLock).has_value();
}

class Inspection {
 public:
  explicit Inspection(const std::filesystem::path& folder)
      : fs_(real_file_system()), folder_(folder) {}

  Result<SpoolReport> run() {
    const auto listed = list(fs_, folder_);
    if (!listed) return listed.error();
    report_.in_use = !lock_is_free(fs_, folder_);
    for (const auto& id : listed->cursors) {
      if (const auto cursor = load_cursor(fs_, folder_, id)) {
        report_.cursors.push_back({id, cursor->position});
      }
    }
    for (std::size_t i = 0; i < listed->segments.size(); ++i) {
      const auto& [name, size] = listed->segments[i];
      const bool last = i + 1 == listed->segments.size();
      add(name, size, last ? ~std::uint64_t{0} : listed->segments[i + 1].first.first);
    }
    if (const auto aside = fs_.list(folder_ / kQuarantine)) {
      for (const auto& file : *aside) report_.quarantined_bytes += file.size;
    }
    return std::move(report_);
  }

 private:
  void add(const SegmentName& name, std::uint64_t size, std::uint64_t next) {
    SpoolSegmentReport one;
    one.file = to_file_name(name);
    one.bytes = size;
    one.first.records = one.end.records = name.first;
    const auto opened = open_segment(fs_, folder_ / one.file);
    if (!opened) {
      if (opened.error().code == Errc::not_found) return;  // stored meanwhile
      one.problem = opened.error().message;
    } else if (!opened->header) {
      one.problem = size <= kSegmentDataBegin ? "" : "no readable header";
      one.damaged_bytes = size <= kSegmentDataBegin ? 0 : size;
    } else {
      one.created = opened->header->created;
      one.first = one.end = opened->header->first;
      verify(one, *opened, next);
    }
    report_.segments.push_back(std::move(one));
  }

  void verify(SpoolSegmentReport& one, const Open& opened, std::uint64_t next) {
    const bool last = next == ~std::uint64_t{0};
    SegmentReader reader(*opened.file, *opened.header);
    while (true) {
      const auto found = reader.next(one.bytes);
      if (!found) {
        one.problem = found.error().message;
        return;
      }
      if (*found == SegmentReader::Found::end) break;
      if (*found == SegmentReader::Found::hole) {
        const auto bytes = reader.end() - reader.begin();
        if (last && reader.end() == one.bytes) {
          report_.torn_bytes += bytes;
        } else {
          one.damaged_bytes += bytes;
        }
        continue;
      }
      if (reader.header().first.records >= next) break;
      ++one.entries;
      one.missing_records += reader.header().first.records - one.end.records;
      one.end = reader.header().end();
    }
    if (!last) one.missing_records += next - std::min(next, one.end.records);
    if (one.damaged_bytes > 0) {
      one.problem = fmt::format("{} bytes do not verify", one.damaged_bytes);
    }
  }

  FileSystem& fs_;
  const std::filesystem::path folder_;
  SpoolReport report_;
};

// The good entries of a segment in a file of their own, which then takes its place.
Result<void> rewrite(FileSystem& fs, const std::filesystem::path& folder, const SegmentName& name,
                     std::uint64_t size, const Open& opened) {
  const auto path = folder / to_file_name(name);
  auto temporary = path;
  temporary += ".new";
  (void)fs.unlink(temporary).has_value();
  const auto copy = fs.open(temporary, OpenMode::create);
  if (!copy) return copy.error();
  std::uint64_t offset = 0;
  const auto put = [&](std::string_view bytes) {
    const auto written = write_all(**copy, bytes, offset);
    offset += bytes.size();
    return written;
  };
  auto done = put(make_segment_header(*opened.header));
  SegmentReader reader(*opened.file, *opened.header);
  while (done) {
    const auto found = reader.next(size);
    if (!found) return found.error();
    if (*found == SegmentReader::Found::end) break;
    if (*found == SegmentReader::Found::hole) {
      quarantine(fs, folder, name, *opened.file, reader.begin(), reader.end());
      continue;
    }
    std::string entry;
    auto header = reader.header();
    header.group_offset = 0;  // all of this is durable
    append_entry(entry, opened.header->salt, header, reader.payload());
    done = put(entry);
  }
  if (done) done = (*copy)->sync();
  if (done) done = fs.rename(temporary, path);
  if (done) done = fs.sync_folder(folder);
  return done;
}

}  // namespace

bool SpoolReport::damaged() const {
  return std::any_of(segments.begin(), segments.end(),
                     [](const auto& one) { return !one.problem.empty(); });
}

Result<SpoolReport> inspect_spool(const std::filesystem::path& folder) {
  return Inspection(folder).run();
}

Result<void> visit_spool(const std::filesystem::path& folder, std::uint64_t from,
                         const std::function<bool(const SpoolVisit&, const SpoolEntry&)>& visit) {
  auto& fs = real_file_system();
  const auto listed = list(fs, folder);
  if (!listed) return listed.error();
  EntryDecoder decoder;
  for (std::size_t i = 0; i < listed->segments.size(); ++i) {
    const auto& [name, size] = listed->segments[i];
    const auto next =
        i + 1 == listed->segments.size() ? ~std::uint64_t{0} : listed->segments[i + 1].first.first;
    if (next <= from) continue;
    const auto opened = open_segment(fs, folder / to_file_name(name));
    if (!opened && opened.error().code == Errc::not_found) continue;
    if (!opened) return opened.error();
    if (!opened->header) continue;
    SegmentReader reader(*opened->file, *opened->header);
    while (true) {
      const auto found = reader.next(size);
      if (!found) return found.error();
      if (*found == SegmentReader::Found::end) break;
      if (*found == SegmentReader::Found::hole) continue;
      const auto& header = reader.header();
      if (header.first.records >= next) break;
      EntryHead head;
      if (header.end().records <= from || header.codec != kCodec ||
          !decoder.begin(reader.payload(), head)) {
        continue;
      }
      SpoolEntry entry{head.run, std::string(head.instance), {}, {}};
      entry.records.resize(head.records);
      std::string_view checkpoint;
      const bool whole = std::all_of(entry.records.begin(), entry.records.end(),
                                     [&](Record& record) { return decoder.next(record); }) &&
                         decoder.finish(checkpoint);
      if (!whole) continue;
      entry.checkpoint = checkpoint;
      if (!visit({to_file_name(name), reader.begin(), header.first}, entry)) return {};
    }
  }
  return {};
}

Result<std::vector<std::string>> repair_spool(const std::filesystem::path& folder) {
  auto& fs = real_file_system();
  const auto exists = fs.list(folder);
  if (!exists) return exists.error();
  const auto lock = fs.lock(folder / kLock);
  if (!lock) return lock.error();
  const auto listed = list(fs, folder);
  if (!listed) return listed.error();
  std::vector<std::string> done;
  for (const auto& [name, size] : listed->segments) {
    const auto file = to_file_name(name);
    const auto opened = open_segment(fs, folder / file);
    if (!opened) return opened.error();
    if (opened->header && opened->header->version > kVersion) {
      return Error{Errc::refused, fmt::format("cannot repair {}: a newer version of unity wrote it",
                                              (folder / file).string())};
    }
    if (!opened->header) {
      if (!quarantine_file(fs, folder, name)) {
        return Error{Errc::unavailable, fmt::format("cannot move {} to {}/quarantine; make room "
                                                    "there",
                                                    file, folder.string())};
      }
      done.push_back(fmt::format("{} has no readable header and is now in quarantine/", file));
      continue;
    }
    SegmentReader reader(*opened->file, *opened->header);
    std::uint64_t damaged = 0;
    while (true) {
      const auto found = reader.next(size);
      if (!found) return found.error();
      if (*found == SegmentReader::Found::end) break;
      if (*found == SegmentReader::Found::hole) damaged += reader.end() - reader.begin();
    }
    if (damaged == 0) continue;
    const auto rewritten = rewrite(fs, folder, name, size, *opened);
    if (!rewritten) return rewritten.error();
    done.push_back(
        fmt::format("{} is written anew without {} bytes that do not verify", file, damaged));
  }
  return done;
}

}  // namespace unity::db
