#include "spool/accepted_log.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <iterator>
#include <vector>

#include "unity/core/base/crc32c.hpp"

namespace unity::db::spool {
namespace {

constexpr std::uint64_t kLogSizeMax = std::uint64_t{8} << 20;
constexpr std::size_t kPendingMax = std::size_t{1} << 20;
constexpr std::size_t kTailSize = std::size_t{64} << 10;

std::string without_blanks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '%' || c == '\x7f') {
      out += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out.empty() ? "-" : out;
}

template <class T>
bool parse_number(std::string_view text, T& value, int base = 10) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value, base);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

}  // namespace

LogLine make_log_line(const SpoolPosition& first, const EntryHead& head) {
  return {first,           head.run,      without_blanks(head.instance), head.records, head.emitted,
          head.first_time, head.last_time};
}

void append_text(std::string& out, const LogLine& line) {
  const auto begin = out.size();
  // Compiled, as the committer writes a line for each run.
  fmt::format_to(std::back_inserter(out), FMT_COMPILE("{} {} {} {} {} {} {} {}"),
                 line.first.records, line.run, line.instance, line.records, line.emitted,
                 line.first_time.time_since_epoch().count(),
                 line.last_time.time_since_epoch().count(), line.first.emitted);
  const auto checksum = crc32c(std::string_view(out).substr(begin));
  fmt::format_to(std::back_inserter(out), FMT_COMPILE(" {:08x}\n"), checksum);
}

std::optional<LogLine> parse_log_line(std::string_view line) {
  std::array<std::string_view, 9> columns;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto end = i + 1 < columns.size() ? line.find(' ', begin) : line.size();
    if (end == std::string_view::npos || begin > line.size()) return std::nullopt;
    columns[i] = line.substr(begin, end - begin);
    begin = end + 1;
  }
  std::uint32_t checksum = 0;
  std::int64_t first_time = 0;
  std::int64_t last_time = 0;
  LogLine read;
  if (!parse_number(columns[8], checksum, 16) ||
      checksum != crc32c(line.substr(0, line.size() - columns[8].size() - 1)) ||
      !parse_number(columns[0], read.first.records) || !parse_number(columns[1], read.run) ||
      !parse_number(columns[3], read.records) || !parse_number(columns[4], read.emitted) ||
      !parse_number(columns[5], first_time) || !parse_number(columns[6], last_time) ||
      !parse_number(columns[7], read.first.emitted)) {
    return std::nullopt;
  }
  read.instance = columns[2];
  read.first_time = Time(std::chrono::microseconds(first_time));
  read.last_time = Time(std::chrono::microseconds(last_time));
  return read;
}

AcceptedLog::AcceptedLog(FileSystem& fs, std::filesystem::path folder)
    : fs_(fs), folder_(std::move(folder)) {}

Result<void> AcceptedLog::open(std::uint64_t can_repair) {
  const auto older = read_older();
  if (!older) return older.error();
  last_ = *older;
  const auto file = fs_.open(folder_ / kAcceptedLog, OpenMode::read);
  if (!file && file.error().code != Errc::not_found) return file.error();
  if (file) {
    const auto tail = read_lines(**file, 0, last_, can_repair);
    if (!tail) return tail.error();
    last_ = tail->last;
    offset_ = tail->end;
  }
  return open_file();
}

// The last line of the log before this one, which was synced as a whole.
Result<std::optional<LogLine>> AcceptedLog::read_older() {
  const auto file = fs_.open(folder_ / fmt::format("{}.1", kAcceptedLog), OpenMode::read);
  if (!file && file.error().code == Errc::not_found) return std::optional<LogLine>();
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  const auto tail =
      read_lines(**file, *size > kTailSize ? *size - kTailSize : 0, {}, ~std::uint64_t{0});
  if (!tail) return tail.error();
  return tail->last;
}

Result<void> AcceptedLog::open_file() {
  auto opened = fs_.open(folder_ / kAcceptedLog, OpenMode::write);
  if (!opened) return opened.error();
  // What follows the last whole line is a torn one, or damaged.
  const auto cut = (*opened)->truncate(offset_);
  if (!cut) return cut.error();
  file_ = std::move(*opened);
  return {};
}

Result<AcceptedLog::Tail> AcceptedLog::read_lines(const File& file, std::uint64_t begin_at,
                                                  std::optional<LogLine> before,
                                                  std::uint64_t can_repair) {
  Tail tail{std::move(before), begin_at};
  std::string piece;
  auto piece_begin = begin_at;
  while (true) {
    const auto had = piece.size();
    piece.resize(had + kTailSize);
    const auto got = read_fully(file, std::span(piece).subspan(had), piece_begin + had);
    if (!got) return got.error();
    piece.resize(had + *got);
    std::size_t begin = 0;
    for (auto end = piece.find('\n'); end != std::string::npos; end = piece.find('\n', begin)) {
      const auto line = parse_log_line(std::string_view(piece).substr(begin, end - begin));
      const auto expected = tail.last ? tail.last->end() : SpoolPosition{};
      if ((!line || line->first != expected) && expected.records >= can_repair) return tail;
      if (line) tail = {line, piece_begin + end + 1};
      begin = end + 1;
    }
    if (*got < kTailSize) return tail;
    if (begin == 0) begin = piece.size();  // no line of ours is that long
    piece.erase(0, begin);
    piece_begin += begin;
  }
}

void AcceptedLog::add(const LogLine& line) {
  const auto before = pending_.size();
  append_text(pending_, line);
  if (pending_.size() <= kPendingMax) return;
  pending_.resize(before);
  ++lines_lost_;
}

Result<void> AcceptedLog::flush() {
  if (pending_.empty()) return {};
  if (!file_) {
    const auto opened = open_file();
    if (!opened) return opened.error();
  }
  // At a known place, so that trying again does no harm.
  const auto written = write_all(*file_, pending_, offset_);
  if (!written) return written.error();
  offset_ += pending_.size();
  pending_.clear();
  return {};
}

Result<void> AcceptedLog::sync_and_rotate() {
  if (!file_) return {};
  const auto synced = file_->sync();
  if (!synced) {
    write_again();
    return synced.error();
  }
  synced_ = offset_;
  if (offset_ < kLogSizeMax) return {};
  const auto renamed =
      fs_.rename(folder_ / kAcceptedLog, folder_ / fmt::format("{}.1", kAcceptedLog));
  if (!renamed) return renamed.error();
  file_.reset();
  offset_ = 0;
  synced_ = 0;
  return {};
}

// After a failed sync the kernel may take lines for written that are not: makes them new to it.
void AcceptedLog::write_again() {
  std::string lines(offset_ - synced_, '\0');
  const auto read = read_fully(*file_, lines, synced_);
  file_.reset();
  if (!read || *read != lines.size()) return;
  const auto opened = fs_.open(folder_ / kAcceptedLog, OpenMode::write);
  if (opened) (void)write_all(**opened, lines, synced_).has_value();
}

}  // namespace unity::db::spool
