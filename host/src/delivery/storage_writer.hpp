// Carries records from the spool into one database: a thread that reads at its own cursor, writes
// batches, keeps bad records as dead letters and passes the cursor over what is settled. Whatever
// its database does, no other storage and no collector notices.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "delivery/books.hpp"
#include "delivery/host_rows.hpp"
#include "delivery/open_batch.hpp"
#include "delivery/read_ahead.hpp"
#include "unity/core/engine/batch_window.hpp"
#include "unity/core/engine/write_retry.hpp"
#include "unity/db/dead_letters.hpp"
#include "unity/db/open.hpp"
#include "unity/db/spool.hpp"

namespace unity::host {

// Upgrades the schema, opens the database and registers the plugins.
using OpenDatabase = std::function<Result<std::unique_ptr<db::Database>>()>;

struct StorageSpec {
  std::string id;
  bool required = true;          // records stay in the spool until it has them
  std::size_t batch_size = 100;  // of records that are written at once
  Duration batch_timeout{};      // how long the oldest of fewer waits for more
  OpenDatabase open;
  std::unique_ptr<db::Database> database;  // null: it is not available yet
  std::string problem;                     // then: why not
  std::vector<DatasetSpec> datasets = {};  // that need tables
};

class StorageWriter {
 public:
  struct State {
    Circuit circuit = Circuit::closed;
    std::string problem;              // why it takes nothing at present; empty if it does
    std::uint64_t failures = 0;       // attempts since the last commit
    std::optional<Instant> next_try;  // while it fails
    std::uint64_t commits = 0;
    Duration last_commit_took{};
    std::optional<db::PoolState> pool;  // of the database's connections, if it shares some
    std::uint64_t audit_rows_lost = 0;  // that there was no room for while it failed
    std::vector<DatasetState> datasets;
  };

  // `index` is the storage's place in the ledger, `host` the name of this one. What is given by
  // reference outlives this.
  StorageWriter(std::size_t index, StorageSpec spec, db::Spool& spool, db::DeadLetters& letters,
                Books& books, const std::string& host);
  ~StorageWriter();

  const std::string& id() const { return spec_.id; }
  bool required() const { return spec_.required; }
  State state() const;  // any thread

  void wake(std::uint64_t spool_end);  // the spool has all records before it. Any thread
  // Stored when there is time. Any thread.
  void update_status(std::vector<PluginStatus> status);
  void register_plugins(std::vector<PluginInfo> plugins);
  // Before any record that is accepted from now on is stored.
  void declare_datasets(std::vector<DatasetSpec> datasets);
  void write_audit(const AuditRows& rows);

  // Settles what is in the spool until `deadline`, unless the database fails; the rest stays there.
  void stop(Instant deadline);  // begins to, and returns
  // False if the writer hangs in the database: then the process must leave without destroying it.
  bool stopped();

 private:
  void serve();
  void wait(std::unique_lock<std::mutex>& lock);  // for more to do, or for the end of a pause
  // Each does one thing and returns whether to go on at once; if not, there is nothing to do now.
  bool step();
  bool open();
  bool read();
  bool due() const;
  bool full_batch_waits() const;
  bool write();
  bool keep_letters();
  bool settle();
  bool stored(const Result<bool>& of_the_host);  // its rows
  bool stopping() const;
  void wake_up();

  bool fail(const Error& error, std::size_t records);
  void succeed();
  void book(Ledger& ledger);
  void ack();

  const std::size_t index_;
  StorageSpec spec_;
  db::Spool& spool_;
  db::SpoolConsumer& consumer_;
  db::DeadLetters& letters_;
  Books& books_;
  const std::uint64_t backlog_end_;  // records before it were in the spool at the start

  HostRows rows_;

  // Of the writer's thread.
  WriteRetry retry_;
  std::minstd_rand random_;
  Instant pause_until_{};
  OpenBatch batch_;
  ReadAhead reader_;
  bool ack_failing_ = false;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  State state_;
  const db::Database* watched_ = nullptr;  // the database, once it is open: of the writer's thread
  BatchWindow window_;
  bool woken_ = false;
  bool stopping_ = false;
  bool ended_ = false;
  Instant stop_deadline_{};

  std::thread thread_;
};

}  // namespace unity::host
