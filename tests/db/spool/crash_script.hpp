// A random life of a spool on a simulated disk, with a list in memory that knows what must be true
// afterwards. The same seed gives the same life, so that a fault can be put at each of its calls.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "db/spool/simulated_disk.hpp"
#include "db/spool/spool_fixture.hpp"

namespace unity::test {

class CrashScript {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::size_t operations = 100;
    db::SyncMode mode = db::SyncMode::group;
    db::FullPolicy when_full = db::FullPolicy::block;
    std::uint64_t max_bytes = std::uint64_t{1} << 20;
  };

  explicit CrashScript(Options options);

  // Runs until the end or until the disk is frozen by a crash.
  void run();

  // After a crash, or after faults: opens again, reads all, and checks every promise. With
  // `power_cut` the disk loses what was not synced.
  void check(bool power_cut, std::uint64_t crash_seed);

  SimulatedDisk& disk() { return disk_; }
  std::uint64_t accepted() const { return accepted_; }

 private:
  struct Reader {
    std::string id;
    db::SpoolPosition read;     // where the last batch ended
    std::uint64_t settled = 0;  // acknowledged with success or not: may be missing afterwards
    std::vector<std::uint64_t> delivered;
    db::SpoolBatch batch;
  };

  void open();
  void append();
  void read(Reader& reader);
  void ack(Reader& reader);
  void check_reader(Reader& reader, db::SpoolConsumer& consumer);
  void check_log();

  Options options_;
  std::mt19937_64 random_;
  SimulatedDisk disk_;
  std::unique_ptr<db::Spool> spool_;
  std::vector<Reader> readers_;

  // The oracle. Records have the numbers 0.. in the order of submission; an attempt that failed
  // leaves its numbers unused.
  std::uint64_t next_ = 0;
  std::uint64_t accepted_ = 0;
  struct Group {
    std::uint64_t first;
    std::uint64_t count;
    bool accepted;
  };
  std::vector<Group> groups_;  // one for each entry
};

}  // namespace unity::test
