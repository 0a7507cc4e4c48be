// Keeps refused records on disk with the reason, so that a bad one is neither lost nor in the way,
// and can be looked at, sent again or thrown away. One SQLite file, which the running host and the
// CLI use at the same time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"

namespace unity::db {

struct DeadLetter {
  std::int64_t id = 0;   // given by the store, ever rising
  Time time{};           // when the record was refused
  std::string instance;  // who emitted it
  std::string plugin;
  std::string device;
  std::string metric;  // empty if the record could not be read
  std::string stage;   // who refused it: a stage of the pipeline, or "storage:<id>"
  std::string reason;  // a word or two, for counting
  std::string detail;  // a sentence for people
  // The record: as emitted if a stage refused it, as processed (core/json/stored_record.hpp) if a
  // storage did. Any text, if it was refused for being no record.
  std::string payload;
  std::uint64_t run = 0;  // the run that emitted it; 0: unknown
};

// Letters for which everything holds that is set here.
struct DeadLetterFilter {
  std::vector<std::int64_t> ids = {};
  std::string instance = {};
  std::string reason = {};
  std::string stage = {};
  std::optional<Time> since = {};   // at this time or later
  std::optional<Time> before = {};  // before this time

  friend bool operator==(const DeadLetterFilter&, const DeadLetterFilter&) = default;
};

// Beyond either bound, the oldest letters go and are counted.
struct DeadLetterLimits {
  std::uint64_t letters_max = 100'000;
  std::uint64_t bytes_max = std::uint64_t{64} << 20;  // of their texts
};

// Since the file was begun.
struct DeadLetterState {
  std::uint64_t letters = 0;
  std::uint64_t bytes = 0;
  std::uint64_t overflowed = 0;  // went for lack of room
  std::uint64_t replayed = 0;
  std::uint64_t purged = 0;
  std::map<std::string, std::uint64_t> by_reason;  // of those that are there
};

// Any thread. Errc::unavailable: try again (the disk is full, another process holds the lock for
// more than a second); nothing has changed then.
class DeadLetters {
 public:
  // A longer payload is cut, which its letter says.
  static constexpr std::size_t kPayloadMax = std::size_t{4} << 20;

  // For the host, which has the state folder to itself. Begins a file if there is none. One that is
  // damaged, now or later, is moved aside to "<file>.damaged" (replacing the one before) and a new
  // one is begun; take_notice() tells. Errc::refused if a newer version made it.
  static Result<DeadLetters> open(const std::filesystem::path& file,
                                  const DeadLetterLimits& limits = {});
  // For the CLI. Never begins a file nor moves one: Errc::not_found if there is none.
  static Result<DeadLetters> open_existing(const std::filesystem::path& file);

  DeadLetters(DeadLetters&& other) noexcept;
  ~DeadLetters();

  // When this returns, the letters survive a power cut; or, on error, none of them is there.
  Result<void> append(std::span<const DeadLetter> letters);

  // The newest first, without their payloads.
  Result<std::vector<DeadLetter>> list(const DeadLetterFilter& filter, std::size_t limit);
  // With its payload. Errc::not_found.
  Result<DeadLetter> get(std::int64_t id);
  // Removes them; returns how many there were.
  Result<std::uint64_t> purge(const DeadLetterFilter& filter);
  // The same for those whose records were taken again and are durable elsewhere.
  Result<std::uint64_t> remove_replayed(std::span<const std::int64_t> ids);

  Result<DeadLetterState> state();

  // What an operator should know, once; empty if there is nothing.
  std::string take_notice();

 private:
  class Impl;
  explicit DeadLetters(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace unity::db
