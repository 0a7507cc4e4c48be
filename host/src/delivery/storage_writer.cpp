#include "delivery/storage_writer.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "base/wall_clock.hpp"
#include "log/log.hpp"
#include "runtime/thread.hpp"
#include "unity/core/json/stored_record.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// Between attempts at the spool's files or at the dead letters.
constexpr Duration kDiskRetryDelay = std::chrono::seconds(1);
// How long past its deadline a stop waits for a write in flight.
constexpr Duration kStopGrace = std::chrono::milliseconds(200);
// That wait for a storage that fails.
constexpr std::size_t kAuditRowsMax = 10'000;

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
      meter_(host, wall_now()),
      random_(std::random_device()()),
      window_(spec_.batch_size, spec_.batch_timeout, consumer_.settled().records) {
  window_.arrived(backlog_end_, Instant::min());
  if (!spec_.database) {
    fail({Errc::unavailable, std::exchange(spec_.problem, {})}, 0);
  }
  thread_ = start_thread([this] { serve(); });
}

StorageWriter::~StorageWriter() {
  if (!thread_.joinable()) return;
  stop(steady_clock::now());
  thread_.join();
}

StorageWriter::State StorageWriter::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void StorageWriter::wake(std::uint64_t spool_end) {
  {
    const std::lock_guard lock(mutex_);
    window_.arrived(spool_end, steady_clock::now());
    woken_ = true;
  }
  wake_.notify_one();
}

void StorageWriter::update_status(std::vector<PluginStatus> status) {
  {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
    woken_ = true;
  }
  wake_.notify_one();
}

void StorageWriter::register_plugins(std::vector<PluginInfo> plugins) {
  {
    const std::lock_guard lock(mutex_);
    plugins_ = std::move(plugins);
    woken_ = true;
  }
  wake_.notify_one();
}

void StorageWriter::write_audit(const AuditRows& rows) {
  const auto append = [this](auto& queue, const auto& more) {
    const auto room = kAuditRowsMax - std::min(kAuditRowsMax, queue.size());
    const auto taken = std::min(room, more.size());
    queue.insert(queue.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(taken));
    state_.audit_rows_lost += more.size() - taken;
  };
  {
    const std::lock_guard lock(mutex_);
    append(audit_.collections, rows.collections);
    append(audit_.performance, rows.performance);
    woken_ = true;
  }
  wake_.notify_one();
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
        "storage {} has not returned from a write; what it had not committed stays in the "
        "spool",
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
    const bool settling = loaded_ && parts_.empty();  // quick, and saves doing it all again
    if (stopping_ && !settling && steady_clock::now() >= stop_deadline_) break;
    lock.unlock();
    const bool paused = steady_clock::now() < pause_until_;
    const bool busy = !paused && step();
    lock.lock();
    if (busy) continue;
    if (stopping_) break;  // nothing is left, or it fails: then the rest stays in the spool
    wait(lock);
  }
  ended_ = true;
  wake_.notify_all();
}

void StorageWriter::wait(std::unique_lock<std::mutex>& lock) {
  if (steady_clock::now() < pause_until_) {
    wake_.wait_until(lock, pause_until_, [this] { return stopping_; });
    return;
  }
  const auto woken = [this] { return stopping_ || woken_; };
  const auto next_batch = loaded_ ? std::nullopt : window_.due();
  next_batch ? static_cast<void>(wake_.wait_until(lock, *next_batch, woken))
             : wake_.wait(lock, woken);
}

bool StorageWriter::step() {
  if (!spec_.database) return open();
  if (!loaded_) return write_plugins() || read() || write_status() || write_audit();
  if (!parts_.empty()) return write();
  if (!letters_to_keep_.empty()) return keep_letters();
  return settle();
}

bool StorageWriter::open() {
  auto opened = spec_.open();
  if (!opened) return fail(opened.error(), 0);
  spec_.database = std::move(*opened);
  succeed();
  return true;
}

bool StorageWriter::due() const {
  const std::lock_guard lock(mutex_);
  const auto due = window_.due();
  return due && (stopping_ || *due <= steady_clock::now());
}

bool StorageWriter::read() {
  if (!due()) return false;
  const auto got = consumer_.read(spec_.batch_size, batch_);
  if (!got) {
    log_error("storage {} cannot read the spool: {}", spec_.id, got.error().message);
    pause_until_ = steady_clock::now() + kDiskRetryDelay;
    return false;
  }
  {
    const std::lock_guard lock(mutex_);
    window_.taken(batch_.end.records);
  }
  // Without records too: those before its end may be lost.
  if (!*got && batch_.end == consumer_.settled()) return false;
  loaded_ = true;
  rejected_.assign(batch_.records.size(), false);
  if (!batch_.records.empty()) parts_.push_back({0, batch_.records.size()});
  return true;
}

bool StorageWriter::write() {
  const auto part = parts_.back();
  const auto records =
      std::span<const Record>(batch_.records).subspan(part.from, part.to - part.from);
  const auto began = steady_clock::now();
  const auto result = spec_.database->storage().write(records);
  const auto took = steady_clock::now() - began;
  Operation operation;
  operation.took = took;
  if (result) {
    operation.writes = records.size() - result->size();
  } else {
    operation.error_class = to_text(result.error().code);
    operation.error = result.error().message;
  }
  meter_.add("storage:" + spec_.id, operation, wall_now());
  if (!result) return fail(result.error(), records.size());

  parts_.pop_back();
  for (const auto& rejection : *result) {
    reject(part.from + rejection.index, rejection.reason, rejection.detail);
  }
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
  const auto part = parts_.back();
  parts_.pop_back();
  if (decision.action == Action::split) {
    const auto middle = part.from + (part.to - part.from) / 2;
    parts_.push_back({middle, part.to});
    parts_.push_back({part.from, middle});
  } else {
    reject(part.from, "unstorable", error.message);
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

void StorageWriter::reject(std::size_t index, std::string reason, std::string detail) {
  rejected_[index] = true;
  const auto& record = batch_.records[index];
  if (record.host_made) return;
  db::DeadLetter letter;
  letter.time = wall_now();
  letter.instance = record.origin->instance;
  letter.plugin = record.origin->plugin;
  letter.device = record.origin->device;
  letter.metric = record.metric;
  letter.stage = "storage:" + spec_.id;
  letter.reason = std::move(reason);
  letter.detail = std::move(detail);
  letter.payload = json::to_stored_json(record);
  letters_to_keep_.push_back(std::move(letter));
}

bool StorageWriter::keep_letters() {
  const auto kept = letters_.append(letters_to_keep_);
  if (kept) {
    letters_to_keep_.clear();
    succeed();
    return true;
  }
  // Not passed over: a record that is neither stored nor kept would be lost.
  return fail({Errc::unavailable, kept.error().message}, 0);
}

bool StorageWriter::settle() {
  const bool booked = books_.with([&](Ledger& ledger) {
    if (ledger.spool_end() < batch_.end.emitted) return false;  // read before it was booked
    book(ledger);
    return true;
  });
  if (!booked) return false;  // who books it wakes us
  // After the ledger is free again: a disk that stalls holds up this storage and nobody else.
  ack();
  loaded_ = false;
  return true;
}

void StorageWriter::ack() {
  const auto acked = consumer_.ack(batch_.end);
  if (!acked && !ack_failing_) {
    log_warn("storage {} may get records twice after a crash, which it recognises: {}", spec_.id,
             acked.error().message);
  }
  ack_failing_ = !acked;
}

void StorageWriter::book(Ledger& ledger) {
  const auto settled = consumer_.settle(batch_.end);
  assert(settled);  // it was read
  static_cast<void>(settled);
  report(ledger, spool_.state());
  for (std::size_t i = 0; i < batch_.records.size(); ++i) {
    const auto& record = batch_.records[i];
    if (record.host_made) continue;
    const bool backlog = batch_.first + i < backlog_end_;
    const std::string_view instance = backlog ? kBacklog : record.origin->instance;
    rejected_[i] ? ledger.rejected(index_, instance, 1) : ledger.stored(index_, instance, 1);
  }
}

bool StorageWriter::write_plugins() {
  std::vector<PluginInfo> plugins;
  {
    const std::lock_guard lock(mutex_);
    plugins.swap(plugins_);
  }
  if (plugins.empty()) return false;
  if (const auto done = spec_.database->catalog().register_plugins(plugins); !done) {
    {
      const std::lock_guard lock(mutex_);
      if (plugins_.empty()) plugins_ = std::move(plugins);
    }
    return fail(done.error(), 0);
  }
  succeed();
  return true;
}

bool StorageWriter::write_audit() {
  AuditRows rows;
  {
    const std::lock_guard lock(mutex_);
    std::swap(rows, audit_);
  }
  for (auto& row : stopping() ? meter_.take_all() : meter_.take(wall_now())) {
    rows.performance.push_back(std::move(row));
  }
  if (rows.empty()) return false;
  auto& audit = spec_.database->audit();
  auto written = audit.write(rows.collections);
  if (written) written = audit.write(rows.performance);  // a row that is there changes nothing
  if (written) return true;
  if (written.error().code == Errc::unavailable) {
    write_audit(rows);
    return fail(written.error(), 0);
  }
  log_warn("storage {} does not take {} rows of the audit: {}", spec_.id,
           rows.collections.size() + rows.performance.size(), written.error().message);
  return true;
}

bool StorageWriter::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool StorageWriter::write_status() {
  std::vector<PluginStatus> status;
  {
    const std::lock_guard lock(mutex_);
    status.swap(status_);
  }
  if (status.empty()) return false;
  // The next one replaces it, so a status that cannot be stored is not worth a retry.
  const auto written = spec_.database->catalog().update_status(status);
  if (!written) log_warn("cannot store the status of plugins: {}", written.error().message);
  return true;
}

}  // namespace unity::host
