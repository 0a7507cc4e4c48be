// Between the pipelines and a database: a bounded buffer, one writer thread, and the account of
// where each record went.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "unity/core/engine/accounting.hpp"
#include "unity/core/engine/batcher.hpp"
#include "unity/core/engine/pipeline.hpp"
#include "unity/core/ports/storage.hpp"
#include "unity/db/dead_letters.hpp"
#include "unity/db/open.hpp"

namespace unity::host {

class Delivery {
 public:
  struct State {
    Accounting accounting;
    std::string problem;  // why the storage takes nothing at present; empty if it does
    std::uint64_t commits = 0;
    Duration last_commit_took{};
  };

  // Owns the database; its parts are used by the writer thread alone.
  Delivery(const BatchLimits& limits, std::unique_ptr<db::Database> database,
           db::DeadLetters dead_letters);
  ~Delivery();

  // Takes what a run led to. `host_made` are records of the host's own, counted apart. Any thread.
  void accept(PipelineOutput&& output, std::vector<Record>&& host_made);

  // The writer stores this status of the plugins next. Any thread.
  void update_status(std::vector<PluginStatus> status);

  State state() const;  // any thread

  // Called with the records of each commit, by the writer thread. Set before the first accept().
  void on_stored(std::function<void(const std::vector<Record>&)> observer);

  // Stores what waits, until `deadline`; what is left then is dropped as "shutdown". False if the
  // writer hangs in the database: then the process must leave without destroying this.
  bool stop(Instant deadline);

 private:
  void serve();
  // One attempt for one batch; returns how long to wait before the next.
  Duration write(std::vector<Record> batch);
  Duration put_back(std::vector<Record> batch, const Error& error);
  void committed(std::vector<Record> batch, const std::vector<Rejection>& rejections,
                 Duration took);
  // A record that the storage cannot take must not hold up the others: each is tried alone, and
  // the one that fails alone is rejected.
  void isolate(std::vector<Record> batch, const Error& error);
  void write_status();
  // Not under the lock: a slow disk must not hold up whoever asks for the state.
  void keep_aside(const std::vector<RejectedRecord>& rejected);

  std::unique_ptr<db::Database> database_;
  std::function<void(const std::vector<Record>&)> observer_;
  db::DeadLetters dead_letters_;
  std::atomic<bool> dead_letters_failing_ = false;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Batcher batcher_;
  State state_;
  std::size_t writing_ = 0;           // emitted records in the batch being written
  std::size_t waiting_ = 0;           // emitted records in the batcher
  std::vector<PluginStatus> status_;  // to be stored
  int failures_ = 0;                  // attempts since the last commit
  bool stopping_ = false;
  bool ended_ = false;  // the writer thread has
  Instant stop_deadline_{};

  std::thread writer_;
};

}  // namespace unity::host
