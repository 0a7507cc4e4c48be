// The processes that plugins run in: the pooled one, dedicated ones, and those that a file meets
// first.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "worker/confine/confinement.hpp"
#include "workers/keeper.hpp"
#include "workers/quarantine.hpp"

namespace unity::host {

class Workers;

// What a plugin did that ended its worker so; nothing: that does not die.
Offence offence_of(const std::optional<WorkerEnd>& end, std::string instance, std::string reason);

// One process for all instances that share it; another takes its place when it has ended.
// Any thread.
class PooledWorker {
 public:
  PooledWorker(Workers& workers, worker::Confinement confinement)
      : workers_(workers), confinement_(std::move(confinement)) {}
  ~PooledWorker();
  PooledWorker(const PooledWorker&) = delete;
  PooledWorker& operator=(const PooledWorker&) = delete;

  Result<std::shared_ptr<Worker>> get();

 private:
  Workers& workers_;
  const worker::Confinement confinement_;
  std::mutex mutex_;
  std::shared_ptr<Worker> worker_;
};

// Any thread.
class Workers {
 public:
  struct Options {
    std::filesystem::path binary;     // unity-worker
    std::filesystem::path state_dir;  // for what outlives the host
    int quarantine_after = 0;
    bool log_gaps = true;  // what the kernel does not enforce
  };

  explicit Workers(const Options& options);

  // A new one, confined. `who` is it in the log: "collector web". Errors: unavailable.
  Result<std::shared_ptr<Worker>> start(const worker::Confinement& confinement,
                                        const std::string& who);

  // First contact with a file: loads it in a process that is thrown away, with no permission
  // at all. What it comes to is remembered by what is in the file. Errors: invalid, with what is
  // wrong with it; a file that brings the process down is in quarantine from then on.
  Result<void> scan(const std::shared_ptr<const PluginImage>& image);

  Quarantine& quarantine() { return quarantine_; }

  // For plugins that run in the host itself: what they are doing is noted from now on, and a crash
  // in one of them, before it ends the host. Once.
  void watch_host();
  // Null before that.
  SlotPage* host_page() { return host_slots_ ? &host_slots_->page() : nullptr; }
  // What an earlier host died of. Its runs were in a plugin when it ended; of workers there are
  // those that died with it.
  const std::vector<InFlight>& left_behind() const { return left_behind_; }
  std::size_t alive() const { return keeper_.alive(); }
  // How a worker ended that did not answer, which ends it if it still lives. Nothing: it was killed
  // and does not die; then it is abandoned until it has.
  std::optional<WorkerEnd> end_of(const std::shared_ptr<Worker>& worker);
  std::size_t abandoned() const;
  // What the kernel does not enforce, a sentence each; known once a worker was started.
  std::vector<std::string> gaps() const;

 private:
  bool scanned_well(const std::string& hash) const;
  void remember_scan(const std::string& hash);

  const std::filesystem::path scans_;
  const bool log_gaps_;
  const std::filesystem::path slots_;
  Quarantine quarantine_;
  const std::vector<InFlight> left_behind_;
  std::optional<SlotFile> host_slots_;
  Keeper keeper_;
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<Worker>> undying_;  // also those that have died since
  std::vector<std::string> gaps_;
  std::vector<std::string> good_;  // hashes that were scanned
};

}  // namespace unity::host
