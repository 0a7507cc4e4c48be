// The appending side: group commit, rolling of segments, what happens when the disk fails or is
// full.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "spool/accepted_log.hpp"
#include "spool/shared.hpp"

namespace unity::db::spool {

// One thread, except for state().
class Writer {
 public:
  Writer(Shared& shared, AcceptedLog log) : shared_(shared), log_(std::move(log)) {}

  Result<Spool::Appended> append(std::span<const EncodedEntry> entries);

  // Writes what recovery found missing in accepted.log.
  void relog(std::span<const LogLine> lines);

  // Fills in what only the writer knows. Any thread.
  void add_to(SpoolState& state) const;

 private:
  // Bytes that may still be written, or an error that says what is full.
  Result<std::uint64_t> make_room(std::uint64_t wanted);
  std::uint64_t room(std::string& why) const;
  // Entries at the front that go into one write, for `room` bytes.
  std::size_t choose(std::span<const EncodedEntry> entries, std::uint64_t room) const;

  Result<void> write(std::span<const EncodedEntry> entries);
  Result<void> write_once(std::span<const EncodedEntry> entries);
  Result<void> open_segment();
  void seal();     // the active segment is full
  void abandon();  // the disk failed it: what is durable stays, nothing is added
  void publish(std::span<const EncodedEntry> entries, std::uint64_t offset);
  void set_problem(std::string problem, bool full);

  Shared& shared_;
  AcceptedLog log_;

  std::unique_ptr<File> active_;
  SegmentHeader header_;
  std::uint64_t offset_ = 0;
  std::string buffer_;  // the bytes of one write, kept for its memory

  // Under the mutex of Shared.
  std::uint64_t rejected_ = 0;
  std::uint64_t write_errors_ = 0;
  std::uint64_t log_lines_lost_ = 0;
  bool full_ = false;
  std::string problem_;
  std::string log_problem_;
};

}  // namespace unity::db::spool
