// Keeps the account of every record, for each collector instance and each storage.
//
// A record is booked when its run ends (collected), then leaves the pipeline rejected, dropped or
// onward; onward it waits for the spool (pending), then lies in the spool until each storage has
// settled it. What lies in the spool is not counted here but reported by the spool itself. Not
// thread-safe: its owner has the lock, and books a movement together with the report that follows
// from it, so that every snapshot is of one moment.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/engine/accounting.hpp"
#include "unity/core/engine/pipeline.hpp"

namespace unity {

// What became of the records of one instance, or of those that lay in the spool at the start.
struct InstanceAccount {
  std::string instance;
  std::vector<Accounting> storages;  // in the order of the storages
};

// Names no instance: what the spool held when the host started.
inline constexpr std::string_view kBacklog = "(backlog)";

// What the spool says of the records on their way to one storage.
struct InSpool {
  std::uint64_t waiting = 0;  // neither settled nor lost
  DroppedBy lost;             // since the start, by reason; nobody knows whose they were
};

class Ledger {
 public:
  // `in_spool` has a report for each storage, `spool_end` counts all emitted records ever spooled.
  Ledger(std::uint64_t spool_end, std::vector<InSpool> in_spool);

  // A run has ended; its records that are to be stored are pending now.
  void collected(std::string_view instance, const PipelineOutput& output);
  // So many records the host made itself; they are in no other count.
  void host_made(std::uint64_t records) { host_made_ += records; }

  // Pending records are in the spool, which now ends at `spool_end`.
  void spooled(std::uint64_t records, std::uint64_t spool_end);
  // Pending records of an instance will never be in the spool.
  void refused(std::string_view instance, std::uint64_t records, std::string_view reason);

  // So many of its rejected records could not be kept as dead letters.
  void not_kept(std::string_view instance, std::uint64_t records);

  // What a storage did with records of an instance.
  void stored(std::size_t storage, std::string_view instance, std::uint64_t records);
  void rejected(std::size_t storage, std::string_view instance, std::uint64_t records);

  // What the spool says now, when it ends at `spool_end`; what it has beyond the end that spooled()
  // told of is pending still.
  void report(std::size_t storage, InSpool in_spool, std::uint64_t spool_end);

  // The whole account of one storage.
  Accounting account(std::size_t storage) const;
  // Of each instance, by name. What is in flight is derived here, as the spool does not count by
  // instance; records that the spool lost stay in flight.
  std::vector<InstanceAccount> by_instance() const;
  std::uint64_t host_made() const { return host_made_; }
  std::uint64_t spool_end() const { return spool_end_; }

 private:
  struct Settled {
    std::uint64_t stored = 0;
    std::uint64_t rejected = 0;
  };
  struct Row {
    std::uint64_t collected = 0;
    std::uint64_t rejected = 0;
    DroppedBy dropped_by;
    std::vector<Settled> storages;
  };
  struct Storage {
    std::uint64_t backlog = 0;  // what waited at the start, or should have
    InSpool in_spool;
  };

  Row& row(std::string_view instance);
  Settled& settled(std::size_t storage, std::string_view instance);

  std::map<std::string, Row, std::less<>> rows_;
  std::vector<Storage> storages_;
  std::uint64_t spool_end_;
  std::uint64_t pending_ = 0;
  std::uint64_t host_made_ = 0;
};

}  // namespace unity
