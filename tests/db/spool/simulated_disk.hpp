// A disk for the spool's tests: it knows what was synced and what was not, can fail at any single
// call, and after a crash holds any of the states that a real one might.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "spool/file_system.hpp"

namespace unity::test {

class SimulatedDisk final : public db::spool::FileSystem {
 public:
  enum class Fault : std::uint8_t {
    none,
    crash,        // from this call on nothing has an effect, until restart()
    crash_after,  // the same, but this call still has
    error,        // this call fails, without effect
    half_write,   // this call fails, and half of a write is done; a sync forgets what was dirty
    short_write,  // half of a write is done, without an error
    no_space,     // writes fail from this call on, until fault is set anew
  };

  // The fault strikes at the call with this number, counted from now.
  void set_fault(Fault fault, std::uint64_t at) {
    fault_ = fault;
    fault_at_ = at;
    calls_ = 0;
    frozen_ = false;
  }
  std::uint64_t calls() const { return calls_; }
  bool frozen() const { return frozen_; }

  // Power goes and comes back: what was not synced is there in part, in sectors of 512 bytes.
  void restart(std::mt19937_64& random);
  // Only the process went: everything written is there.
  void kill();

  // The files, for tests that damage them. Damage is on the platter and in the cache.
  std::vector<std::string> names() const;
  std::string& content(const std::string& name);
  void remove(const std::string& name);
  void put(const std::string& name, std::string content);
  std::map<std::string, std::string> copy() const;

  std::uint64_t free = std::uint64_t{1} << 40;

  Result<std::unique_ptr<db::spool::File>> open(const std::filesystem::path& path,
                                                db::spool::OpenMode mode) override;
  Result<void> create_folder(const std::filesystem::path& path) override;
  Result<std::vector<db::spool::FileEntry>> list(const std::filesystem::path& folder) override;
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> unlink(const std::filesystem::path& path) override;
  Result<void> sync_folder(const std::filesystem::path& folder) override;
  Result<std::uint64_t> free_bytes(const std::filesystem::path& folder) override;
  Result<std::unique_ptr<db::spool::File>> lock(const std::filesystem::path& path) override;

 private:
  friend class SimulatedFile;

  struct Change {
    bool cut = false;  // to `offset`; else `bytes` are written there
    std::uint64_t offset = 0;
    std::string bytes;
  };
  struct Inode {
    std::string now;
    std::string durable;
    std::vector<Change> dirty;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  struct NameChange {
    std::string gone;  // empty: none
    std::string made;
    std::shared_ptr<Inode> inode;
  };

  // What this call meets; counts it.
  Fault strike();
  static void apply(std::string& content, const Change& change);
  void change_names(NameChange change);
  static void apply(Names& names, const NameChange& change);

  Names now_;
  Names durable_;
  std::vector<NameChange> dirty_names_;
  std::set<std::string> locked_;
  Fault fault_ = Fault::none;
  std::uint64_t fault_at_ = 0;
  std::uint64_t calls_ = 0;
  bool frozen_ = false;
  std::uint64_t life_ = 0;  // handles of an earlier life have no effect
};

}  // namespace unity::test
