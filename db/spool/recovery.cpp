#include "spool/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "spool/checkpoint_search.hpp"
#include "spool/quarantine.hpp"
#include "spool/segment_reader.hpp"

namespace unity::db::spool {
namespace {

constexpr int kReadAttempts = 3;
// Segments at the end that may hold entries which accepted.log lacks, or checkpoints that nobody
// else has; else only the last is read.
constexpr std::size_t kScannedMax = 4;

class Recovery {
 public:
  Recovery(Shared& shared, AcceptedLog& log) : shared_(shared), log_(log) {}

  Result<Recovered> run() {
    const auto listed = list();
    if (!listed) return listed.error();
    const auto opened = log_.open(newest_begin());
    if (!opened) return opened.error();
    if (log_.last()) raise_end(log_.last()->end());
    raise_by_cursors();
    const auto scanned = scan_last();
    if (!scanned) return scanned.error();
    found_.report.checkpoints = checkpoints_.take(shared_);
    stand_consumers();
    describe();
    return std::move(found_);
  }

 private:
  void raise_end(const SpoolPosition& to) {
    shared_.end.records = std::max(shared_.end.records, to.records);
    shared_.end.emitted = std::max(shared_.end.emitted, to.emitted);
  }
  template <class... Args>
  void note(fmt::format_string<Args...> form, Args&&... args) {
    found_.report.notes.push_back(fmt::format(form, std::forward<Args>(args)...));
  }

  Result<void> list() {
    const auto files = shared_.fs.list(shared_.config.folder);
    if (!files) return files.error();
    std::vector<std::pair<SegmentName, std::uint64_t>> names;
    for (const auto& file : *files) {
      if (const auto name = parse_segment_name(file.name)) names.emplace_back(*name, file.size);
      if (file.name.starts_with("cursor.") && file.name.ends_with(".a")) {
        cursors_.insert(file.name.substr(7, file.name.size() - 9));
      }
      if (file.name.starts_with("cursor.") && file.name.ends_with(".b")) {
        cursors_.insert(file.name.substr(7, file.name.size() - 9));
      }
    }
    std::sort(names.begin(), names.end());
    for (const auto& [name, size] : names) {
      const auto taken = take_segment(name, size);
      if (!taken) return taken.error();
    }
    return {};
  }

  Result<void> take_segment(const SegmentName& name, std::uint64_t size) {
    const auto file = shared_.fs.open(shared_.path(name), OpenMode::read);
    if (!file) return file.error();
    std::array<char, kSegmentDataBegin> bytes{};
    auto got = read_fully(**file, bytes, 0);
    for (int i = 1; !got && i < kReadAttempts; ++i) got = read_fully(**file, bytes, 0);
    if (!got) {
      note("{} cannot be read and is left out: {}", to_file_name(name), got.error().message);
      return {};
    }
    const auto header = read_segment_header({bytes.data(), *got});
    if (header && header->version > kVersion) {
      return Error{Errc::refused,
                   fmt::format("cannot read {}: a newer version of unity wrote it; use that one to "
                               "empty the spool first",
                               shared_.path(name).string())};
    }
    if (header && header->first.records == name.first) {
      shared_.segments.push_back(
          {name, *header, std::max<std::uint64_t>(size, kSegmentDataBegin), size, true});
      shared_.bytes += size;
      return {};
    }
    if (size <= kSegmentDataBegin) {  // a crash while it was made
      (void)shared_.fs.unlink(shared_.path(name)).has_value();
      return {};
    }
    const bool kept = quarantine_file(shared_.fs, shared_.config.folder, name);
    ++shared_.holes_met;
    note("{} has no readable header and {}; its records are lost", to_file_name(name),
         kept ? "is now in quarantine/" : "is left out");
    return {};
  }

  // The first number in the segments that may be scanned.
  std::uint64_t newest_begin() const {
    const auto& segments = shared_.segments;
    if (segments.empty()) return ~std::uint64_t{0};
    return segments[segments.size() - std::min(kScannedMax, segments.size())].header.first.records;
  }

  // Finds the end, and cuts off what a crash left half written.
  Result<void> scan_last() {
    auto& segments = shared_.segments;
    if (segments.empty()) return {};
    std::size_t first = segments.size() - 1;
    auto known = shared_.config.checkpoints_since.value_or(~std::uint64_t{0});
    if (log_.last()) known = std::min(known, log_.last()->end().records);
    while (first > 0 && segments.size() - first < kScannedMax &&
           segments[first].header.first.records > known) {
      --first;
    }
    for (auto i = first; i < segments.size(); ++i) {
      const auto scanned = scan(
          i, i + 1 == segments.size() ? ~std::uint64_t{0} : segments[i + 1].header.first.records);
      if (!scanned) return scanned.error();
    }
    return {};
  }

  // Entries from number `before` on are of no account: they were written again in the next segment.
  Result<void> scan(std::size_t index, std::uint64_t before) {
    auto& segment = shared_.segments[index];
    const bool last = before == ~std::uint64_t{0};
    const auto path = shared_.path(segment.name);
    auto file = shared_.fs.open(path, last ? OpenMode::write : OpenMode::read);
    if (!file) return file.error();
    SegmentReader reader(**file, segment.header);
    std::vector<Hole> holes;  // of which it is not known yet whether they were ever durable
    int failures = 0;
    while (true) {
      const auto next = reader.next(segment.readable);
      if (!next) {
        if (++failures < kReadAttempts) continue;
        note("{} cannot be read to its end: {}", to_file_name(segment.name), next.error().message);
        raise_end(reader.expected());
        return {};
      }
      if (*next == SegmentReader::Found::end) break;
      if (*next == SegmentReader::Found::hole) {
        holes.push_back({reader.begin(), reader.end(), reader.expected(), found_.unlogged.size()});
        continue;
      }
      if (reader.header().first.records >= before) break;
      // An entry proves that all before its group had been synced.
      const auto group =
          reader.begin() - std::min<std::uint64_t>(reader.begin(), reader.header().group_offset);
      if (!holes.empty() && group > holes.front().begin) meet(segment, **file, holes);
      check_logged(reader);
      checkpoints_.see(index, reader);
    }
    if (!last) {
      raise_end(reader.expected());
      return {};
    }
    finish_last(segment, **file, holes, reader.expected());
    // A killed process leaves entries that only the kernel has; from here on they count as durable.
    if (shared_.config.mode != SyncMode::os) {
      const auto synced = (*file)->sync();
      if (!synced) note("{}", synced.error().message);
    }
    return {};
  }

  struct Hole {
    std::uint64_t begin;
    std::uint64_t end;
    SpoolPosition expected;  // what would have followed
    std::size_t unlogged;    // entries that were found unlogged before it
  };

  void meet(const Segment& segment, const File& file, std::vector<Hole>& holes) {
    for (const auto& hole : holes) {
      ++found_.report.holes;
      note("{} is damaged: {} bytes at {} do not verify and are skipped",
           to_file_name(segment.name), hole.end - hole.begin, hole.begin);
      keep_hole(shared_, segment, file, hole.begin, hole.end);
    }
    holes.clear();
  }

  // A hole in the last group is a write that a crash tore, unless its records are known to have
  // been accepted: then it is damage.
  void finish_last(Segment& segment, File& file, std::vector<Hole>& holes,
                   const SpoolPosition& end) {
    while (!holes.empty() && shared_.end.records > holes.front().expected.records) {
      std::vector<Hole> one{holes.front()};
      holes.erase(holes.begin());
      meet(segment, file, one);
    }
    if (holes.empty()) {
      raise_end(end);
      return;
    }
    const auto& hole = holes.front();
    raise_end(hole.expected);
    found_.unlogged.resize(hole.unlogged);
    const auto bytes = segment.readable - hole.begin;
    found_.report.torn_bytes += bytes;
    note("{} ends in {} bytes of a write that was interrupted; they are cut off",
         to_file_name(segment.name), bytes);
    segment.readable = hole.begin;
    checkpoints_.cut(shared_.segments.size() - 1, hole.begin);
    const auto done = file.truncate(hole.begin);
    if (!done) {
      note("{}", done.error().message);
      return;
    }
    shared_.bytes -= segment.bytes - std::min(segment.bytes, hole.begin);
    segment.bytes = std::min(segment.bytes, hole.begin);
  }

  void check_logged(const SegmentReader& reader) {
    const auto& header = reader.header();
    if (log_.last() && header.first.records < log_.last()->end().records) return;
    EntryHead head;
    if (header.codec != kCodec || !decoder_.begin(reader.payload(), head)) return;
    auto line = make_log_line(header.first, head);
    if (log_.last() && *log_.last() == line) return;
    found_.unlogged.push_back(std::move(line));
  }

  // Numbers are never used twice: also consumers that are not configured now may come back.
  void raise_by_cursors() {
    for (const auto& id : cursors_) {
      if (const auto cursor = load_cursor(shared_.fs, shared_.config.folder, id)) {
        raise_end(cursor->position);
      }
    }
  }

  void stand_consumers() {
    const auto begin =
        shared_.segments.empty() ? shared_.end : shared_.segments.front().header.first;
    for (const auto& consumer : shared_.config.consumers) {
      auto standing = std::make_unique<Standing>(consumer);
      auto cursor = std::make_unique<CursorFile>(shared_.fs, shared_.config.folder, consumer.id);
      standing->acked = cursor->loaded().value_or(begin);
      standing->settled = standing->acked;
      standing->position = standing->acked;
      if (standing->position.records < begin.records) {
        note("{} records that {} had not stored are not in the spool any more",
             begin.records - standing->position.records, consumer.id);
        standing->lose(begin, kLossMissing);
      }
      // From now on it is known to be waited for, also if it never takes anything.
      if (!cursor->loaded()) {
        if (const auto stored = cursor->store(standing->acked); !stored) {
          note("{}", stored.error().message);
        }
      }
      cursors_.erase(consumer.id);
      shared_.standings.push_back(std::move(standing));
      shared_.cursors.push_back(std::move(cursor));
    }
    for (const auto& id : cursors_) give_up(id, begin);
    found_.report.begin = begin;
  }

  // Nobody asks for what was kept for a consumer that is not configured any more.
  void give_up(const std::string& id, const SpoolPosition& begin) {
    const auto cursor = load_cursor(shared_.fs, shared_.config.folder, id);
    if (!cursor) return;
    const auto from = std::max(cursor->position.records, begin.records);
    if (from >= shared_.end.records) return;
    note("{} is not configured any more; {} records that it had not stored are given up", id,
         shared_.end.records - from);
  }

  void describe() {
    found_.report.relogged = found_.unlogged.size();
    found_.report.segments = shared_.segments.size();
    found_.report.bytes = shared_.bytes;
    found_.report.end = shared_.end;
  }

  Shared& shared_;
  AcceptedLog& log_;
  Recovered found_;
  std::set<std::string> cursors_;
  EntryDecoder decoder_;
  CheckpointSearch checkpoints_;
};

}  // namespace

Result<Recovered> recover(Shared& shared, AcceptedLog& log) { return Recovery(shared, log).run(); }

}  // namespace unity::db::spool
