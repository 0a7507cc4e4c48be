// accepted.log: one line for each entry that is durable, for people and for tests. With it the set
// of accepted runs is known without the spool or a database.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "spool/codec.hpp"
#include "spool/file_system.hpp"
#include "spool/format.hpp"

namespace unity::db::spool {

inline constexpr std::string_view kAcceptedLog = "accepted.log";

struct LogLine {
  SpoolPosition first;
  std::uint64_t run = 0;
  std::string instance;  // no blanks: they are written as %20
  std::uint32_t records = 0;
  std::uint32_t emitted = 0;
  Time first_time{};
  Time last_time{};

  SpoolPosition end() const { return {first.records + records, first.emitted + emitted}; }
  friend bool operator==(const LogLine&, const LogLine&) = default;
};
LogLine make_log_line(const SpoolPosition& first, const EntryHead& head);
// With the line feed. The last two columns are the count of emitted records before, and a checksum.
void append_text(std::string& out, const LogLine& line);
std::optional<LogLine> parse_log_line(std::string_view line);  // without the line feed

// One thread.
class AcceptedLog {
 public:
  AcceptedLog(FileSystem& fs, std::filesystem::path folder);

  // Continues after the last whole line. From number `can_repair` on, only up to the first gap: a
  // power cut may have taken any of the newest lines, and the caller has the entries to write them
  // again.
  Result<void> open(std::uint64_t can_repair);
  const std::optional<LogLine>& last() const { return last_; }  // as found by open()

  // Lines reach the file with flush(); what it cannot write waits, up to a bound.
  void add(const LogLine& line);
  Result<void> flush();
  // Whole on disk; at the bound of size it becomes accepted.log.1 and a new one begins.
  Result<void> sync_and_rotate();

  std::uint64_t lines_lost() const { return lines_lost_; }

 private:
  struct Tail {
    std::optional<LogLine> last;
    std::uint64_t end = 0;
  };
  Result<void> open_file();
  void write_again();
  // `before` is the line before the part that is read, if it is known.
  Result<Tail> read_lines(const File& file, std::uint64_t begin, std::optional<LogLine> before,
                          std::uint64_t can_repair);
  Result<std::optional<LogLine>> read_older();

  FileSystem& fs_;
  const std::filesystem::path folder_;
  std::optional<LogLine> last_;
  std::unique_ptr<File> file_;
  std::uint64_t offset_ = 0;
  std::uint64_t synced_ = 0;  // bytes at the front that a power cut leaves
  std::string pending_;
  std::uint64_t lines_lost_ = 0;
};

}  // namespace unity::db::spool
