#include "runtime/delivery.hpp"

#include <algorithm>
#include <utility>

#include "log/log.hpp"
#include "runtime/thread.hpp"
#include "unity/core/json/stored_record.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

constexpr Duration kRetryDelay = std::chrono::milliseconds(100);
constexpr Duration kRetryDelayMax = std::chrono::seconds(10);
// How long past its deadline a stop waits for a write in flight.
constexpr Duration kStopGrace = std::chrono::milliseconds(200);
constexpr const char* kStorageFull = "storage_full";
constexpr const char* kShutdown = "shutdown";

std::size_t count_emitted(const std::vector<Record>& records) {
  return static_cast<std::size_t>(std::count_if(
      records.begin(), records.end(), [](const Record& record) { return !record.host_made; }));
}

Duration retry_delay(int failures) {
  return std::min<Duration>(kRetryDelayMax, kRetryDelay * (1 << std::min(failures, 10)));
}

RejectedRecord refused_by_storage(const Record& record, const std::string& reason,
                                  const std::string& detail) {
  return {reason,        detail,         json::to_stored_json(record),
          record.metric, "storage:main", record.origin};
}

db::DeadLetter to_letter(const RejectedRecord& record, Time now) {
  db::DeadLetter letter;
  letter.time = now;
  if (record.origin) {
    letter.instance = record.origin->instance;
    letter.plugin = record.origin->plugin;
    letter.device = record.origin->device;
  }
  letter.metric = record.metric;
  letter.stage = record.stage;
  letter.reason = record.reason;
  letter.detail = record.detail;
  letter.payload = record.payload;
  return letter;
}

}  // namespace

Delivery::Delivery(const BatchLimits& limits, std::unique_ptr<db::Database> database,
                   db::DeadLetters dead_letters)
    : database_(std::move(database)), dead_letters_(std::move(dead_letters)), batcher_(limits) {
  writer_ = start_thread([this] { serve(); });
}

Delivery::~Delivery() {
  if (writer_.joinable() && !stop(steady_clock::now())) writer_.join();
}

void Delivery::accept(PipelineOutput&& output, std::vector<Record>&& host_made) {
  const auto now = steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    auto& accounting = state_.accounting;
    accounting.collected += output.collected;
    accounting.rejected += output.rejected.size();
    for (const auto& [reason, count] : output.dropped_by) accounting.dropped_by[reason] += count;

    const auto emitted = output.records.size();
    if (ended_) {  // a run that was left behind at the end returned after all
      accounting.dropped_by[kShutdown] += emitted;
      return;
    }
    const auto taken = batcher_.add(std::move(output.records), now);
    waiting_ += taken;
    if (taken < emitted) {
      auto& dropped = accounting.dropped_by[kStorageFull];
      if (dropped == 0) {
        log_error(
            "the buffer is full ({} records wait for storage); new records are dropped "
            "until it takes them again",
            batcher_.waiting());
      }
      dropped += emitted - taken;
    }
    accounting.host_made += batcher_.add(std::move(host_made), now);
  }
  wake_.notify_one();
  keep_aside(output.rejected);
}

void Delivery::keep_aside(const std::vector<RejectedRecord>& rejected) {
  if (rejected.empty()) return;
  std::vector<db::DeadLetter> letters;
  const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  for (const auto& record : rejected) letters.push_back(to_letter(record, now));
  const auto kept = dead_letters_.append(letters);
  const auto notice = dead_letters_.take_notice();
  if (!notice.empty()) log_error("{}", notice);
  if (!kept && !dead_letters_failing_.exchange(true)) {
    log_error("rejected records are counted but not all kept: {}", kept.error().message);
  }
  if (kept) dead_letters_failing_ = false;
}

void Delivery::update_status(std::vector<PluginStatus> status) {
  {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
  }
  wake_.notify_one();
}

Delivery::State Delivery::state() const {
  const std::lock_guard lock(mutex_);
  State state = state_;
  state.accounting.in_flight = waiting_ + writing_;
  return state;
}

void Delivery::on_stored(std::function<void(const std::vector<Record>&)> observer) {
  observer_ = std::move(observer);
}

bool Delivery::stop(Instant deadline) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  stop_deadline_ = deadline;
  wake_.notify_all();
  if (!wake_.wait_until(lock, deadline + kStopGrace, [this] { return ended_; })) {
    log_error("the database has not returned from a write; {} records may be lost",
              waiting_ + writing_);
    return false;
  }
  lock.unlock();
  writer_.join();
  lock.lock();
  if (waiting_ > 0) {
    log_error("{} records could not be stored before the end: {}", waiting_, state_.problem);
    state_.accounting.dropped_by[kShutdown] += std::exchange(waiting_, 0);
  }
  return true;
}

void Delivery::serve() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    wake_.wait(lock, [this] { return stopping_ || !batcher_.empty() || !status_.empty(); });
    if (stopping_ && steady_clock::now() >= stop_deadline_) {
      ended_ = true;
    } else if (!batcher_.empty()) {
      auto batch = batcher_.take();
      writing_ = count_emitted(batch);
      waiting_ -= writing_;
      lock.unlock();
      const auto delay = write(std::move(batch));
      lock.lock();
      if (delay > Duration::zero()) {
        const auto until = steady_clock::now() + delay;
        wake_.wait_until(lock, stopping_ ? std::min(until, stop_deadline_) : until,
                         [this, before = stopping_] { return stopping_ != before; });
      }
    } else if (!status_.empty()) {
      lock.unlock();
      write_status();
      lock.lock();
    } else if (stopping_) {
      ended_ = true;
    }
  }
  wake_.notify_all();
}

Duration Delivery::write(std::vector<Record> batch) {
  const auto began = steady_clock::now();
  auto result = database_->storage().write(batch);
  const auto took = steady_clock::now() - began;
  if (!result && result.error().code == Errc::invalid) {
    isolate(std::move(batch), result.error());
    return {};
  }
  if (!result) return put_back(std::move(batch), result.error());
  committed(std::move(batch), *result, took);
  return {};
}

Duration Delivery::put_back(std::vector<Record> batch, const Error& error) {
  const std::lock_guard lock(mutex_);
  if (failures_ == 0) {
    log_error("cannot store {} records; they wait in memory and the write is tried again: {}",
              batch.size(), error.message);
  }
  state_.problem = error.message;
  waiting_ += std::exchange(writing_, 0);
  batcher_.put_back(std::move(batch));
  return retry_delay(failures_++);
}

void Delivery::committed(std::vector<Record> batch, const std::vector<Rejection>& rejections,
                         Duration took) {
  std::vector<RejectedRecord> rejected;
  std::vector<bool> refused(batch.size());
  for (const auto& refusal : rejections) {
    refused[refusal.index] = true;
    const auto& record = batch[refusal.index];
    if (record.host_made) continue;
    rejected.push_back(refused_by_storage(record, refusal.reason, refusal.detail));
  }
  {
    const std::lock_guard lock(mutex_);
    if (failures_ > 0) log_info("storage takes records again after {} failed attempts", failures_);
    failures_ = 0;
    state_.problem.clear();
    ++state_.commits;
    state_.last_commit_took = took;
    state_.accounting.rejected += rejected.size();
    state_.accounting.stored += std::exchange(writing_, 0) - rejected.size();
  }
  keep_aside(rejected);
  if (!observer_) return;
  std::vector<Record> stored;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!refused[i]) stored.push_back(std::move(batch[i]));
  }
  observer_(stored);
}

void Delivery::isolate(std::vector<Record> batch, const Error& error) {
  if (batch.size() == 1) {
    {
      const std::lock_guard lock(mutex_);
      state_.accounting.rejected += std::exchange(writing_, 0);
    }
    if (!batch.front().host_made) {
      keep_aside({refused_by_storage(batch.front(), "unstorable", error.message)});
    }
    return;
  }
  const std::lock_guard lock(mutex_);
  waiting_ += std::exchange(writing_, 0);
  for (auto record = batch.rbegin(); record != batch.rend(); ++record) {
    std::vector<Record> alone;
    alone.push_back(std::move(*record));
    batcher_.put_back(std::move(alone));
  }
}

void Delivery::write_status() {
  std::vector<PluginStatus> status;
  {
    const std::lock_guard lock(mutex_);
    status.swap(status_);
  }
  // The next one replaces it, so a status that cannot be stored is not worth a retry.
  const auto written = database_->catalog().update_status(status);
  if (!written) log_warn("cannot store the status of plugins: {}", written.error().message);
}

}  // namespace unity::host
