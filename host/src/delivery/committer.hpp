// Makes what runs emitted durable: one thread that gathers what came in while the last group was
// being synced, appends it to the spool in one go, and only then tells the runs so.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "delivery/books.hpp"
#include "delivery/run_report.hpp"
#include "unity/db/dead_letters.hpp"
#include "unity/db/spool.hpp"

namespace unity::host {

class Committer {
 public:
  using Observer = std::function<void(const std::vector<Record>&)>;
  using CheckpointKeeper = std::function<void(std::vector<db::Checkpoint>)>;

  // `appended` is called after each group, by the committer's thread. All that is given outlives
  // this.
  Committer(db::Spool& spool, db::DeadLetters& letters, Books& books,
            std::function<void()> appended);
  ~Committer();

  // Any thread; encodes on it. `accepted` may be called before this returns.
  void accept(RunReport&& report, Accepted accepted);

  // Called with the records of each accepted run. Set before the first accept().
  void on_accepted(Observer observer) { observer_ = std::move(observer); }

  // Called after each group with the newest checkpoint of each instance in it, once what the group
  // brought is durable and before its runs are told so. A run that was refused has none: its rows
  // are not in the spool. Set before the first accept().
  void on_checkpoint(CheckpointKeeper keeper) { checkpoint_keeper_ = std::move(keeper); }

  // Why nothing is accepted at present; empty if it is. Any thread.
  std::string problem() const;

  // Accepts what waits, until `deadline`; refuses what is left and all that comes later. False if
  // the thread hangs in the file system: then the process must leave without destroying this.
  bool stop(Instant deadline);

 private:
  struct Pending {
    std::string instance;
    std::vector<db::EncodedEntry> entries;  // moved to the group's when it is appended
    std::size_t entry_count = 0;
    std::vector<db::DeadLetter> letters;
    std::vector<Record> observed;
    std::string checkpoint;
    Accepted accepted;
  };

  void drop_oversized(const db::SpoolEntry& entry, const Error& error);
  void serve();
  // Waits until a group is due; empty when all is done and no more is taken.
  std::vector<Pending> next_group();
  void commit(std::vector<Pending> group);
  void keep_letters(const std::vector<Pending>& group);
  // Tries until the spool has taken or refused every entry, or the end has come. Which it took.
  std::vector<bool> append(std::span<const db::EncodedEntry> entries);
  // Books the group's entries. Which members of the group were refused.
  std::vector<bool> book(const std::vector<Pending>& group,
                         const std::vector<db::EncodedEntry>& entries,
                         const std::vector<bool>& taken);
  void keep_checkpoints(std::vector<Pending>& group, const std::vector<bool>& refused);
  void refuse(const Pending& pending, std::string_view reason);
  void set_problem(const std::string& problem);
  bool out_of_time();

  db::Spool& spool_;
  db::DeadLetters& letters_;
  Books& books_;
  std::function<void()> appended_;
  Observer observer_;
  CheckpointKeeper checkpoint_keeper_;
  bool letters_failing_ = false;  // the committer's thread only

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Pending> queue_;
  std::size_t queued_bytes_ = 0;
  std::string problem_;
  Instant last_group_{};
  bool stopping_ = false;
  bool ended_ = false;
  Instant stop_deadline_{};

  std::thread thread_;
};

}  // namespace unity::host
