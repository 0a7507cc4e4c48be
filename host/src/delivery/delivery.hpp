// From what runs emitted to what databases hold: the spool, the committer in front of it, a writer
// for each storage behind it, and the account of where each record went.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "delivery/books.hpp"
#include "delivery/committer.hpp"
#include "delivery/run_report.hpp"
#include "delivery/storage_writer.hpp"
#include "unity/db/dead_letters.hpp"
#include "unity/db/spool.hpp"

namespace unity::host {

struct StorageState {
  std::string id;
  bool required = true;
  Accounting accounting;
  StorageWriter::State writer;
};

struct DeliveryState {
  std::vector<StorageState> storages;
  std::vector<InstanceAccount> instances;  // accounts in the order of `storages`
  std::uint64_t host_made = 0;
  db::SpoolState spool;
  std::string problem;  // why runs wait to be accepted; empty if they do not
};

class Delivery {
 public:
  // Owns what it is given. `storages` are the consumers of the spool, in the same order.
  // `host` is the name of this one in the tables.
  Delivery(std::unique_ptr<db::Spool> spool, db::DeadLetters letters,
           std::vector<StorageSpec> storages, const std::string& host);

  // Any thread.
  void accept(RunReport&& report, Accepted accepted) {
    committer_.accept(std::move(report), std::move(accepted));
  }
  void update_status(const std::vector<PluginStatus>& status);
  void register_plugins(const std::vector<PluginInfo>& plugins);
  void declare_datasets(const std::vector<DatasetSpec>& datasets);
  void write_audit(const AuditRows& rows);
  DeliveryState state() const;
  db::DeadLetters& dead_letters() { return letters_; }

  // Called with the records of each accepted run, on the committer's thread. Set before the first
  // accept().
  void on_accepted(Committer::Observer observer) { committer_.on_accepted(std::move(observer)); }

  // Called with the checkpoints of each group that became durable, before its runs are told so; on
  // the committer's thread. Set before the first accept().
  void on_checkpoint(Committer::CheckpointKeeper keeper) {
    committer_.on_checkpoint(std::move(keeper));
  }

  // Accepts what was emitted and stores what it can until `deadline`; the rest stays in the spool.
  // False if a thread hangs in a database or a file system: then the process must leave without
  // destroying this.
  bool stop(Instant deadline);

 private:
  std::unique_ptr<db::Spool> spool_;
  db::DeadLetters letters_;
  mutable Books books_;
  std::vector<std::unique_ptr<StorageWriter>> writers_;
  Committer committer_;
};

}  // namespace unity::host
