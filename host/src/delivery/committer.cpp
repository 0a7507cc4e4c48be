#include "delivery/committer.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/wall_clock.hpp"
#include "log/log.hpp"
#include "runtime/thread.hpp"
#include "unity/core/engine/recycle.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// A group is begun when this much waits, or this long after the last one began.
constexpr std::size_t kGroupBytes = std::size_t{256} << 10;
constexpr Duration kGroupTime = std::chrono::milliseconds(5);
// Between attempts at a spool that takes nothing.
constexpr Duration kRetryDelay = std::chrono::milliseconds(200);
// How long past its deadline a stop waits for a sync in flight.
constexpr Duration kStopGrace = std::chrono::milliseconds(200);

constexpr std::string_view kSpoolFull = "spool_full";
constexpr std::string_view kShutdown = "shutdown";

std::vector<db::DeadLetter> to_letters(RunReport& report) {
  std::vector<db::DeadLetter> letters;
  for (auto& rejected : report.output.rejected) {
    db::DeadLetter letter;
    letter.run = report.run;
    letter.instance = report.instance;
    letter.plugin = report.plugin;
    letter.time = wall_now();
    letter.device = rejected.origin ? rejected.origin->device : std::string();
    letter.metric = std::move(rejected.metric);
    letter.stage = std::move(rejected.stage);
    letter.reason = std::move(rejected.reason);
    letter.detail = std::move(rejected.detail);
    letter.payload = std::move(rejected.payload);
    letters.push_back(std::move(letter));
  }
  return letters;
}

}  // namespace

Committer::Committer(db::Spool& spool, db::DeadLetters& letters, Books& books,
                     std::function<void()> appended)
    : spool_(spool), letters_(letters), books_(books), appended_(std::move(appended)) {
  thread_ = start_thread([this] { serve(); });
}

Committer::~Committer() {
  if (!thread_.joinable()) return;
  stop(steady_clock::now());
  if (thread_.joinable()) thread_.join();
}

void Committer::accept(RunReport&& report, Accepted accepted) {
  if (report.empty()) return accepted({});
  books_.with([&](Ledger& ledger) { ledger.collected(report.instance, report.output); });

  Pending pending;
  pending.instance = report.instance;
  pending.letters = to_letters(report);
  pending.accepted = std::move(accepted);
  db::SpoolEntry entry;
  entry.run = report.run;
  entry.instance = std::move(report.instance);
  entry.records = std::move(report.output.records);
  std::move(report.host_made.begin(), report.host_made.end(), std::back_inserter(entry.records));
  // Also one without records waits for its turn: it speaks of all that came before it.
  pending.checkpoint = report.checkpoint;
  entry.checkpoint = std::move(report.checkpoint);
  if (!entry.records.empty()) {
    auto encoded = db::encode_entry(entry);
    if (encoded) {
      pending.entries = std::move(*encoded);
    } else {
      drop_oversized(entry, encoded.error());
    }
  }
  if (observer_) {
    pending.observed = std::move(entry.records);
  } else {
    recycle(std::move(entry.records));  // on the thread of the run: its next one needs no memory
  }

  std::unique_lock lock(mutex_);
  if (ended_) {  // a run that was left behind at the end returned after all
    lock.unlock();
    return refuse(pending, kShutdown);
  }
  for (const auto& encoded : pending.entries) queued_bytes_ += encoded.payload.size();
  const bool wake = queue_.empty() || queued_bytes_ >= kGroupBytes;
  queue_.push_back(std::move(pending));
  lock.unlock();
  if (wake) wake_.notify_one();
}

void Committer::drop_oversized(const db::SpoolEntry& entry, const Error& error) {
  log_error("what collector {} emitted is dropped: {}", entry.instance, error.message);
  const auto emitted = std::count_if(entry.records.begin(), entry.records.end(),
                                     [](const Record& record) { return !record.host_made; });
  books_.with([&](Ledger& ledger) {
    ledger.refused(entry.instance, static_cast<std::uint64_t>(emitted), "too_large");
  });
}

void Committer::serve() {
  for (auto group = next_group(); !group.empty(); group = next_group()) commit(std::move(group));
}

std::vector<Committer::Pending> Committer::next_group() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  wake_.wait_until(lock, last_group_ + kGroupTime,
                   [this] { return stopping_ || queued_bytes_ >= kGroupBytes; });
  last_group_ = steady_clock::now();
  queued_bytes_ = 0;
  if (queue_.empty()) {  // under the same lock: what comes from now on is refused
    ended_ = true;
    wake_.notify_all();
  }
  return std::exchange(queue_, {});
}

void Committer::commit(std::vector<Pending> group) {
  keep_letters(group);
  std::vector<db::EncodedEntry> entries;
  for (auto& pending : group) {
    std::move(pending.entries.begin(), pending.entries.end(), std::back_inserter(entries));
    pending.entry_count = pending.entries.size();
    pending.entries.clear();
  }
  const auto taken = append(entries);
  const auto refused = book(group, entries, taken);
  // Before the storages hear of the group: the segments that have its checkpoints stay until all
  // of them have it.
  keep_checkpoints(group, refused);
  appended_();
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (refused[i]) {
      group[i].accepted(Error{Errc::unavailable, "the spool did not take what the run emitted"});
    } else {
      if (observer_) observer_(group[i].observed);
      group[i].accepted({});
    }
  }
}

void Committer::keep_letters(const std::vector<Pending>& group) {
  std::vector<db::DeadLetter> letters;
  for (const auto& pending : group) {
    std::copy(pending.letters.begin(), pending.letters.end(), std::back_inserter(letters));
  }
  if (letters.empty()) return;
  const auto kept = letters_.append(letters);
  if (!kept) {
    if (!letters_failing_) {
      log_error("rejected records cannot be kept and are dropped: {}", kept.error().message);
    }
    books_.with([&](Ledger& ledger) {
      for (const auto& pending : group) ledger.not_kept(pending.instance, pending.letters.size());
    });
  }
  letters_failing_ = !kept;
}

std::vector<bool> Committer::append(std::span<const db::EncodedEntry> entries) {
  std::vector<bool> taken(entries.size());
  std::size_t done = 0;
  bool failed = false;
  while (done < entries.size()) {
    const auto appended = spool_.append(entries.subspan(done));
    if (appended) {
      std::fill_n(taken.begin() + static_cast<std::ptrdiff_t>(done), appended->accepted, true);
      done += appended->accepted + appended->rejected;
    }
    const auto problem = appended ? appended->problem : appended.error().message;
    set_problem(problem);
    if (done == entries.size()) break;
    if (!std::exchange(failed, true)) log_error("runs wait to be accepted: {}", problem);
    std::unique_lock lock(mutex_);
    if (stopping_ && steady_clock::now() >= stop_deadline_) break;
    const auto retry = steady_clock::now() + kRetryDelay;
    if (stopping_) {
      wake_.wait_until(lock, std::min(retry, stop_deadline_), [] { return false; });
    } else {
      wake_.wait_until(lock, retry, [this] { return stopping_; });
    }
  }
  if (failed && done == entries.size()) log_info("runs are accepted again");
  return taken;
}

std::vector<bool> Committer::book(const std::vector<Pending>& group,
                                  const std::vector<db::EncodedEntry>& entries,
                                  const std::vector<bool>& taken) {
  std::vector<bool> refused(group.size());
  const auto reason = out_of_time() ? kShutdown : kSpoolFull;
  books_.with([&](Ledger& ledger) {
    std::uint64_t spooled = 0;
    std::size_t entry = 0;
    for (std::size_t i = 0; i < group.size(); ++i) {
      for (std::size_t n = 0; n < group[i].entry_count; ++n, ++entry) {
        if (taken[entry]) {
          spooled += entries[entry].emitted;
          ledger.host_made(entries[entry].records - entries[entry].emitted);
        } else {
          ledger.refused(group[i].instance, entries[entry].emitted, reason);
          refused[i] = true;
        }
      }
    }
    const auto state = spool_.state();
    ledger.spooled(spooled, state.end.emitted);
    report(ledger, state);
  });
  return refused;
}

void Committer::keep_checkpoints(std::vector<Pending>& group, const std::vector<bool>& refused) {
  if (!checkpoint_keeper_) return;
  const auto place = spool_.end().records;
  std::map<std::string_view, db::Checkpoint> newest;
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto& pending = group[i];
    if (refused[i] || pending.checkpoint.empty()) continue;
    newest[pending.instance] = {pending.instance, std::move(pending.checkpoint), place};
  }
  if (newest.empty()) return;
  std::vector<db::Checkpoint> checkpoints;
  for (auto& [instance, checkpoint] : newest) checkpoints.push_back(std::move(checkpoint));
  checkpoint_keeper_(std::move(checkpoints));
}

void Committer::refuse(const Pending& pending, std::string_view reason) {
  books_.with([&](Ledger& ledger) {
    for (const auto& entry : pending.entries) {
      ledger.refused(pending.instance, entry.emitted, reason);
    }
    ledger.not_kept(pending.instance, pending.letters.size());
  });
  pending.accepted(Error{Errc::unavailable, "the host is stopping"});
}

std::string Committer::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void Committer::set_problem(const std::string& problem) {
  const std::lock_guard lock(mutex_);
  problem_ = problem;
}

bool Committer::out_of_time() {
  const std::lock_guard lock(mutex_);
  return stopping_ && steady_clock::now() >= stop_deadline_;
}

bool Committer::stop(Instant deadline) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    stop_deadline_ = deadline;
    wake_.notify_all();
    if (!wake_.wait_until(lock, deadline + kStopGrace, [this] { return ended_; })) {
      log_error("the file system of the spool does not return; what runs emitted last is lost");
      return false;
    }
  }
  if (thread_.joinable()) thread_.join();
  return true;
}

}  // namespace unity::host
