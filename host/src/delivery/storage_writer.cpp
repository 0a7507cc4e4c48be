#include "delivery/storage_writer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "log/log.hpp"
#include "runtime/thread.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// Between attempts at the spool's files or at the dead letters.
constexpr Duration kDiskRetryDelay = std::chrono::seconds(1);
// How long past its deadline a stop waits for a write in flight.
constexpr Duration kStopGrace = std::chrono::milliseconds(200);

}  // namespace

StorageWriter::StorageWriter(std::size_t index, StorageSpec spec, db::Spool& spool,
                             db::DeadLetters& letters, Books& books, const std::string& host)
    : index_(index),
      spec_(std::move(spec)),
      spool_(spool),
      consumer_(spool.consumer(spec_.id)),
      letters_(letters),
      books_(books),
      backlog_end_(spool.end().records),
      rows_(host, spec_.id),
      random_(std::random_device()()),
      batch_(spec_.id),
      reader_(consumer_, spec_.batch_size),
      window_(spec_.batch_size, spec_.batch_timeout, consumer_.settled().records) {
  window_.arrived(backlog_end_, Instant::min());
  if (!spec_.datasets.empty()) rows_.declare_datasets(std::move(spec_.datasets));
  watched_ = spec_.database.get();
  if (!spec_.database) fail({Errc::unavailable, std::exchange(spec_.problem, {})}, 0);
  thread_ = start_thread([this] { serve(); });
}

StorageWriter::~StorageWriter() {
  if (!thread_.joinable()) return;
  stop(steady_clock::now());
  thread_.join();
}

StorageWriter::State StorageWriter::state() const {
  State state;
  {
    const std::lock_guard lock(mutex_);
    state = state_;
    if (watched_ != nullptr) state.pool = watched_->pool();
  }
  state.audit_rows_lost = rows_.audit_rows_lost();
  state.datasets = rows_.datasets();
  return state;
}

void StorageWriter::wake(std::uint64_t spool_end) {
  {
    const std::lock_guard lock(mutex_);
    window_.arrived(spool_end, steady_clock::now());
  }
  wake_up();
}

void StorageWriter::wake_up() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void StorageWriter::update_status(std::vector<PluginStatus> status) {
  rows_.update_status(std::move(status));
  wake_up();
}

void StorageWriter::register_plugins(std::vector<PluginInfo> plugins) {
  rows_.register_plugins(std::move(plugins));
  wake_up();
}

void StorageWriter::declare_datasets(std::vector<DatasetSpec> datasets) {
  rows_.declare_datasets(std::move(datasets));
  wake_up();
}

void StorageWriter::write_audit(const AuditRows& rows) {
  rows_.write_audit(rows);
  wake_up();
}

void StorageWriter::stop(Instant deadline) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_deadline_ = deadline;
  }
  wake_.notify_all();
}

bool StorageWriter::stopped() {
  std::unique_lock lock(mutex_);
  if (!wake_.wait_until(lock, stop_deadline_ + kStopGrace, [this] { return ended_; })) {
    log_error(
        "storage {} has not returned from its database or the spool's disk; what it had not "
        "committed stays in the spool",
        spec_.id);
    return false;
  }
  lock.unlock();
  if (thread_.joinable()) thread_.join();
  return true;
}

void StorageWriter::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    woken_ = false;
    const bool settling =
        batch_.is_open() && batch_.is_written();  // quick, and saves doing it all again
    if (stopping_ && !settling && steady_clock::now() >= stop_deadline_) break;
    lock.unlock();
    const bool paused = steady_clock::now() < pause_until_;
    const bool busy = !paused && step();
    lock.lock();
    if (busy) continue;
    if (stopping_) break;  // nothing is left, or it fails: then the rest stays in the spool
    wait(lock);
  }
  lock.unlock();
  reader_.stop();  // may hang in its disk, which is then seen as the end that does not come
  lock.lock();
  ended_ = true;
  wake_.notify_all();
}

void StorageWriter::wait(std::unique_lock<std::mutex>& lock) {
  if (steady_clock::now() < pause_until_) {
    wake_.wait_until(lock, pause_until_, [this] { return stopping_; });
    return;
  }
  const auto woken = [this] { return stopping_ || woken_; };
  const auto next_batch = batch_.is_open() ? std::nullopt : window_.due();
  next_batch ? static_cast<void>(wake_.wait_until(lock, *next_batch, woken))
             : wake_.wait(lock, woken);
}

bool StorageWriter::step() {
  if (!spec_.database) return open();
  auto& database = *spec_.database;
  if (!batch_.is_open()) {
    // First what records need: without its table, a row would be refused for good.
    const auto plugins = rows_.store_plugins(database.catalog());
    if (!plugins || *plugins) return stored(plugins);
    const auto datasets = rows_.store_datasets(database.catalog(), steady_clock::now());
    if (!datasets || *datasets) return stored(datasets);
    return read() || rows_.store_status(database.catalog()) ||
           stored(rows_.store_audit(database.audit(), stopping()));
  }
  if (!batch_.is_written()) return write();
  if (!batch_.letters().empty()) return keep_letters();
  return settle();
}

bool StorageWriter::open() {
  auto opened = spec_.open();
  if (!opened) return fail(opened.error(), 0);
  {
    const std::lock_guard lock(mutex_);
    spec_.database = std::move(*opened);
    watched_ = spec_.database.get();
  }
  succeed();
  return true;
}

bool StorageWriter::due() const {
  const std::lock_guard lock(mutex_);
  const auto due = window_.due();
  return due && (stopping_ || *due <= steady_clock::now());
}

bool StorageWriter::full_batch_waits() const {
  const std::lock_guard lock(mutex_);
  return window_.full();
}

bool StorageWriter::read() {
  if (!due()) return false;
  const auto got = reader_.next(batch_.records());
  if (!got) {
    log_error("storage {} cannot read the spool: {}", spec_.id, got.error().message);
    pause_until_ = steady_clock::now() + kDiskRetryDelay;
    return false;
  }
  {
    const std::lock_guard lock(mutex_);
    window_.taken(batch_.records().end.records);
  }
  // Without records too: those before its end may be lost.
  if (!*got && batch_.records().end == consumer_.settled()) return false;
  batch_.begin();
  return true;
}

bool StorageWriter::write() {
  // One that is not full may still grow while this one is written.
  if (full_batch_waits()) reader_.begin();
  const auto records = batch_.next();
  const auto began = steady_clock::now();
  const auto result = spec_.database->storage().write(records);
  const auto took = steady_clock::now() - began;
  Operation operation;
  operation.took = took;
  if (result) {
    const auto refused = std::count_if(result->begin(), result->end(),
                                       [](const Rejection& one) { return !one.but_stored; });
    operation.writes = records.size() - static_cast<std::size_t>(refused);
  } else {
    operation.error_class = to_text(result.error().code);
    operation.error = result.error().message;
  }
  rows_.wrote(operation);
  if (!result) return fail(result.error(), records.size());

  batch_.wrote(*result);
  succeed();
  const std::lock_guard lock(mutex_);
  ++state_.commits;
  state_.last_commit_took = took;
  return true;
}

bool StorageWriter::fail(const Error& error, std::size_t records) {
  using Action = WriteDecision::Action;
  const double jitter = std::uniform_real_distribution<double>()(random_);
  // Without records, there is none to blame.
  const bool blameless = records == 0 && error.code == Errc::invalid;
  const auto decision = retry_.failed(blameless ? Errc::refused : error.code, records, jitter);
  if (decision.action == Action::retry) {
    if (retry_.failures() == 1) {
      log_error("storage {} takes nothing; records wait in the spool and it is tried again: {}",
                spec_.id, error.message);
    }
    pause_until_ = steady_clock::now() + decision.delay;
    const std::lock_guard lock(mutex_);
    state_.problem = error.message;
    state_.circuit = retry_.circuit();
    state_.failures = retry_.failures();
    state_.next_try = pause_until_;
    return false;
  }
  if (decision.action == Action::split) {
    batch_.split();
  } else {
    batch_.reject(error.message);
  }
  return true;
}

void StorageWriter::succeed() {
  if (retry_.failures() > 0) {
    log_info("storage {} takes records again after {} failed attempts", spec_.id,
             retry_.failures());
  }
  retry_.succeeded();
  const std::lock_guard lock(mutex_);
  state_.problem.clear();
  state_.circuit = Circuit::closed;
  state_.failures = 0;
  state_.next_try.reset();
}

bool StorageWriter::keep_letters() {
  const auto kept = letters_.append(batch_.letters());
  if (kept) {
    batch_.letters().clear();
    succeed();
    return true;
  }
  // Not passed over: a record that is neither stored nor kept would be lost.
  return fail({Errc::unavailable, kept.error().message}, 0);
}

bool StorageWriter::settle() {
  const bool booked = books_.with([&](Ledger& ledger) {
    if (ledger.spool_end() < batch_.records().end.emitted)
      return false;  // read before it was booked
    book(ledger);
    return true;
  });
  if (!booked) return false;  // who books it wakes us
  // After the ledger is free again: a disk that stalls holds up this storage and nobody else.
  ack();
  batch_.close();
  return true;
}

void StorageWriter::ack() {
  const auto acked = consumer_.ack(batch_.records().end);
  if (!acked && !ack_failing_) {
    log_warn("storage {} may get records twice after a crash, which it recognises: {}", spec_.id,
             acked.error().message);
  }
  ack_failing_ = !acked;
}

void StorageWriter::book(Ledger& ledger) {
  [[maybe_unused]] const auto settled = consumer_.settle(batch_.records().end);
  assert(settled);  // it was read
  report(ledger, spool_.state());
  batch_.book(ledger, index_, backlog_end_);
}

bool StorageWriter::stored(const Result<bool>& of_the_host) {
  if (!of_the_host) return fail(of_the_host.error(), 0);
  if (*of_the_host) succeed();
  return *of_the_host;
}

bool StorageWriter::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace unity::host
