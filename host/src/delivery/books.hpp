// The ledger under its lock: shared by the committer, the writers and whoever asks for the state.
#pragma once

#include <mutex>

#include "unity/core/engine/ledger.hpp"
#include "unity/db/spool.hpp"

namespace unity::host {

class Books {
 public:
  explicit Books(Ledger ledger) : ledger_(std::move(ledger)) {}

  // Calls `entry` with the ledger to itself: for movements that belong together, and for snapshots.
  template <class Entry>
  auto with(Entry entry) {
    const std::lock_guard lock(mutex_);
    return entry(ledger_);
  }

 private:
  std::mutex mutex_;
  Ledger ledger_;
};

// The storages of the ledger are the consumers of the spool, in the same order.
std::vector<InSpool> in_spool(const db::SpoolState& spool);
void report(Ledger& ledger, const db::SpoolState& spool);

}  // namespace unity::host
