#include "spool/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "base/now.hpp"

namespace unity::db::spool {
namespace {

// Names for one sequence number: each failed attempt to make a segment may leave a file.
constexpr std::uint32_t kAttemptsMax = 1000;
// The bytes of a large group are handed to the kernel while they are in the processor's cache.
constexpr std::size_t kWrittenAtOnce = std::size_t{512} << 10;

std::uint64_t make_salt() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

SpoolPosition after(SpoolPosition position, std::span<const EncodedEntry> entries) {
  for (const auto& entry : entries) {
    position.records += entry.records;
    position.emitted += entry.emitted;
  }
  return position;
}

}  // namespace

Result<Spool::Appended> Writer::append(std::span<const EncodedEntry> entries) {
  for (const auto& entry : entries) {
    if (entry.payload.empty() || entry.payload.size() > kSpoolEntrySizeMax) {
      return Error{Errc::invalid, fmt::format("cannot spool an entry of {} bytes; at most {}",
                                              entry.payload.size(), kSpoolEntrySizeMax)};
    }
  }
  Spool::Appended done;
  while (done.accepted < entries.size()) {
    const auto rest = entries.subspan(done.accepted);
    const auto room = make_room(entry_size(rest.front().payload.size()));
    if (!room) {
      set_problem(room.error().message, true);
      if (shared_.config.when_full == FullPolicy::reject) {
        done.rejected = rest.size();
        const std::lock_guard lock(shared_.mutex);
        rejected_ += after({}, rest).records;
        return done;
      }
      if (done.accepted == 0) return room.error();
      done.problem = room.error().message;
      return done;
    }
    const auto group = rest.first(choose(rest, *room));
    const auto written = write(group);
    if (!written) {
      set_problem(written.error().message, false);
      if (done.accepted == 0) return written.error();
      done.problem = written.error().message;
      return done;
    }
    done.accepted += group.size();
  }
  set_problem({}, false);
  return done;
}

std::uint64_t Writer::room(std::string& why) const {
  const auto& config = shared_.config;
  std::uint64_t used = 0;
  {
    const std::lock_guard lock(shared_.mutex);
    used = shared_.bytes;
  }
  // A new segment may be needed, with its header.
  const auto overhead = kSegmentDataBegin;
  auto room = config.max_bytes > used + overhead ? config.max_bytes - used - overhead : 0;
  why = fmt::format(
      "the spool {} is full: {} of {} bytes wait for storage; raise `max_bytes`, or "
      "see what keeps the storage",
      config.folder.string(), used, config.max_bytes);
  // If the disk does not say how much is free, writing will tell.
  const auto free = shared_.fs.free_bytes(config.folder);
  const auto kept = config.min_free_bytes + overhead;
  const auto disk = !free ? room : *free > kept ? *free - kept : 0;
  if (disk < room) {
    room = disk;
    why = fmt::format(
        "the disk of the spool {} is full: {} bytes are free, {} must stay so "
        "(`min_free_bytes`); make room there",
        config.folder.string(), *free, config.min_free_bytes);
  }
  return room;
}

Result<std::uint64_t> Writer::make_room(std::uint64_t wanted) {
  std::string why;
  auto found = room(why);
  while (found < wanted && shared_.config.when_full == FullPolicy::drop_oldest) {
    auto dropped = drop_oldest(shared_);
    if (dropped && !*dropped && active_ && offset_ > kSegmentDataBegin) {
      seal();  // the only one: sealed, it can go
      dropped = drop_oldest(shared_);
    }
    if (!dropped) return dropped.error();
    if (!*dropped) break;
    found = room(why);
  }
  if (found < wanted) return Error{Errc::unavailable, why};
  return found;
}

std::size_t Writer::choose(std::span<const EncodedEntry> entries, std::uint64_t room) const {
  if (shared_.config.mode == SyncMode::each) return 1;
  // What does not fit the active segment begins a new one; a write never spans two.
  const auto segment_max = std::min(shared_.config.segment_bytes, room + kSegmentDataBegin);
  auto offset = active_ ? offset_ : kSegmentDataBegin;
  if (offset + entry_size(entries.front().payload.size()) > shared_.config.segment_bytes) {
    offset = kSegmentDataBegin;
  }
  const auto begin = offset;
  std::size_t count = 0;
  for (const auto& entry : entries) {
    offset += entry_size(entry.payload.size());
    if (count > 0 && (offset > segment_max || offset - begin > room)) break;
    ++count;
  }
  return count;
}

// After a failure once more, in a new segment: the failed one may hold anything by now.
Result<void> Writer::write(std::span<const EncodedEntry> entries) {
  std::uint64_t size = 0;
  for (const auto& entry : entries) size += entry_size(entry.payload.size());
  if (active_ && offset_ > kSegmentDataBegin && offset_ + size > shared_.config.segment_bytes) {
    seal();
  }
  auto written = write_once(entries);
  if (!written) written = write_once(entries);
  if (buffer_.capacity() > 2 * kWrittenAtOnce) std::string().swap(buffer_);
  return written;
}

Result<void> Writer::write_once(std::span<const EncodedEntry> entries) {
  if (!active_) {
    const auto opened = open_segment();
    if (!opened) {
      const std::lock_guard lock(shared_.mutex);
      ++write_errors_;
      return opened.error();
    }
  }
  buffer_.clear();
  auto offset = offset_;
  auto position = shared_.end;  // only this thread changes it
  Result<void> written;
  for (const auto& entry : entries) {
    EntryHeader header;
    header.size = static_cast<std::uint32_t>(entry.payload.size());
    header.first = position;
    header.records = entry.records;
    header.emitted = entry.emitted;
    header.codec = kCodec;
    header.group_offset = static_cast<std::uint32_t>(offset + buffer_.size() - offset_);
    append_entry(buffer_, header_.salt, header, entry.payload);
    position = after(position, {&entry, 1});
    if (buffer_.size() < kWrittenAtOnce && &entry != &entries.back()) continue;
    written = write_all(*active_, buffer_, offset);
    if (!written) break;
    offset += buffer_.size();
    buffer_.clear();
  }
  if (written && shared_.config.mode != SyncMode::os) written = active_->sync();
  if (!written) {
    abandon();
    return written.error();
  }
  publish(entries, offset);
  return {};
}

Result<void> Writer::open_segment() {
  SegmentHeader header;
  header.salt = make_salt();
  header.created = now();
  header.first = shared_.end;
  SegmentName name{header.first.records, 0};
  {
    const std::lock_guard lock(shared_.mutex);
    if (!shared_.segments.empty() && shared_.segments.back().name.first == name.first) {
      name.attempt = shared_.segments.back().name.attempt + 1;
    }
  }
  auto file = shared_.fs.open(shared_.path(name), OpenMode::create);
  while (!file && file.error().code == Errc::refused && name.attempt < kAttemptsMax) {
    ++name.attempt;
    file = shared_.fs.open(shared_.path(name), OpenMode::create);
  }
  if (!file) return Error{Errc::unavailable, file.error().message};
  auto ready = write_all(**file, make_segment_header(header), 0);
  if (ready && shared_.config.mode != SyncMode::os) {
    ready = (*file)->sync();
    if (ready) ready = shared_.fs.sync_folder(shared_.config.folder);
  }
  if (!ready) {
    (void)shared_.fs.unlink(shared_.path(name)).has_value();  // recovery ignores it as well
    return ready.error();
  }
  active_ = std::move(*file);
  header_ = header;
  offset_ = kSegmentDataBegin;
  const std::lock_guard lock(shared_.mutex);
  shared_.segments.push_back({name, header, offset_, offset_, false});
  shared_.bytes += offset_;
  return {};
}

void Writer::seal() {
  active_.reset();
  // Now, so that after a power cut only the last segments have entries that the log lacks.
  auto synced = Result<void>();
  if (shared_.config.mode != SyncMode::os) synced = log_.sync_and_rotate();
  const std::lock_guard lock(shared_.mutex);
  log_problem_ = synced ? std::string() : synced.error().message;
  shared_.segments.back().sealed = true;
}

void Writer::abandon() {
  // Best effort: gives the room back. What stays behind is never read, because the next segment
  // begins at the number that these bytes begin with.
  (void)active_->truncate(offset_).has_value();
  seal();
  const std::lock_guard lock(shared_.mutex);
  ++write_errors_;
}

void Writer::publish(std::span<const EncodedEntry> entries, std::uint64_t offset) {
  auto position = shared_.end;
  for (const auto& entry : entries) {
    log_.add(make_log_line(position, {entry.run, entry.first_time, entry.last_time, entry.records,
                                      entry.emitted, entry.instance}));
    position = after(position, {&entry, 1});
  }
  const auto logged = log_.flush();
  const std::lock_guard lock(shared_.mutex);
  log_problem_ = logged ? std::string() : logged.error().message;
  log_lines_lost_ = log_.lines_lost();
  auto& segment = shared_.segments.back();
  shared_.bytes += offset - offset_;
  segment.bytes += offset - offset_;
  segment.readable = offset;
  shared_.end = position;
  offset_ = offset;
}

void Writer::relog(std::span<const LogLine> lines) {
  for (const auto& line : lines) log_.add(line);
  auto logged = log_.flush();
  // Segments of earlier processes may go at any time from now on.
  if (logged && shared_.config.mode != SyncMode::os) logged = log_.sync_and_rotate();
  const std::lock_guard lock(shared_.mutex);
  if (!logged) log_problem_ = logged.error().message;
}

void Writer::set_problem(std::string problem, bool full) {
  const std::lock_guard lock(shared_.mutex);
  problem_ = std::move(problem);
  full_ = full;
}

void Writer::add_to(SpoolState& state) const {
  const std::lock_guard lock(shared_.mutex);
  state.full = full_;
  state.rejected = rejected_;
  state.write_errors = write_errors_;
  state.log_lines_lost = log_lines_lost_;
  for (const auto* text : {&problem_, &log_problem_}) {
    if (text->empty()) continue;
    if (!state.problem.empty()) state.problem += "; ";
    state.problem += *text;
  }
}

}  // namespace unity::db::spool
