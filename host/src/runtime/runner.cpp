#include "runtime/runner.hpp"

#include <algorithm>
#include <ctime>

#include "base/wall_clock.hpp"
#include "log/log.hpp"
#include "runtime/host_ends.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr Duration kClockLookEvery = std::chrono::seconds(1);
constexpr Duration kTickAtLeastEvery = std::chrono::seconds(10);
// Runs that are handed to the pool at once, after the first one: a thread wakes up for that while
// the next are prepared.
constexpr int kBatch = 16;
// After the grace, of runs that can be killed.
constexpr Duration kKilledWithin = std::chrono::milliseconds(150);
constexpr Duration kLookForRoomEvery = std::chrono::milliseconds(5);

ClockReading read_clocks() {
  timespec boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  return {steady_clock::now(),
          std::chrono::seconds(boot.tv_sec) + std::chrono::nanoseconds(boot.tv_nsec),
          system_clock::now().time_since_epoch()};
}

}  // namespace

Runner::Runner(EventLoop& loop, WorkerPool& pool, Delivery& delivery,
               std::vector<Instance> instances, RunnerOptions options)
    : loop_(loop),
      pool_(pool),
      delivery_(delivery),
      options_(std::move(options)),
      schedule_(steady_clock::now(), system_clock::now().time_since_epoch(),
                options_.max_per_target),
      timer_(loop),
      stop_timer_(loop),
      next_run_id_(options_.first_run_id),
      clock_(read_clocks()),
      load_(steady_clock::now()) {
  for (auto& instance : instances) make_entry(std::move(instance));
}

Runner::~Runner() = default;

void Runner::tick() {
  do {
    auto ended = std::exchange(finished_, {});  // who is told of an end may lead back to here
    inbox_->take(ended);
    const Instant seen = steady_clock::now();
    for (auto& one : ended) finished(one, seen);
    ended.clear();
    finished_ = std::move(ended);
    const Instant now = steady_clock::now();
    watch_clock(now);
    enforce_deadlines(now);
    if (stopped_) continue;
    start_due(now);
    watch_load(now);
  } while (!arm());
}

void Runner::watch_clock(Instant now) {
  if (now - clock_looked_ < kClockLookEvery) return;
  const auto reading = read_clocks();
  clock_looked_ = now;
  if (const auto change = clock_.look(reading)) {
    totals_.clock_change = fmt::format("{}: {}", to_rfc3339(wall_now()), change->text());
    log_warn("{}; the slots of all collectors are laid out anew", change->text());
    schedule_.clock_changed(reading.mono, reading.since_epoch);
  } else {
    schedule_.anchor(reading.mono, reading.since_epoch);
  }
}

void Runner::watch_load(Instant now) {
  if (!load_.look(now, totals_.started, schedule_.missed_for_room())) return;
  if (load_.warning().empty()) {
    log_info("all due runs are started again");
  } else {
    log_warn("{}", load_.warning());
  }
}

void Runner::start_due(Instant now) {
  starving_ = false;
  pool_.gather();
  for (int begun = 0; const auto due_at = schedule_.next_due(); ++begun) {
    const bool early = *due_at > now;
    if (early && (*due_at > now + kEarly || !may_be_early())) break;
    if (!has_room()) {
      if (early) break;
      starving_ = true;
      if (!has_room()) break;  // a run may have returned before it could see that
      starving_ = false;
    }
    for (const auto& due : schedule_.take_due(std::max(now, *due_at), 1)) begin(due, now);
    if (begun % kBatch != 0) continue;
    pool_.release();
    pool_.gather();
  }
  pool_.release();
}

void Runner::enforce_deadlines(Instant now) {
  while (!deadlines_.empty() && *deadlines_.next() <= now) {
    auto& entry = *entries_[deadlines_.first()];
    const auto phase = entry.phase.load();
    if (phase == Phase::waiting) {
      deadlines_.set(entry.id, now + entry.instance.timeout);
    } else if (phase != Phase::running) {
      deadlines_.erase(entry.id);  // it only waits for its acceptance
    } else if (entry.overdue) {
      deadlines_.erase(entry.id);
      give_up(entry);
    } else if (now < entry.deadline) {
      deadlines_.set(entry.id, entry.deadline);
    } else {
      entry.overdue = true;
      deadlines_.set(entry.id, now + entry.instance.cancel_grace);
      if (!std::exchange(entry.cancelled, true)) entry.instance.collector->cancel();
    }
  }
}

void Runner::give_up(Entry& entry) {
  const auto why = entry.streams
                       ? fmt::format("its stream did not return {} after being cancelled",
                                     to_text(entry.instance.cancel_grace))
                       : fmt::format(
                             "its run did not return {} after being cancelled at its timeout "
                             "of {}",
                             to_text(entry.instance.cancel_grace), to_text(entry.instance.timeout));
  if (entry.instance.collector->kill(why)) return;  // which makes the run return
  auto running = Phase::running;
  if (!entry.phase.compare_exchange_strong(running, Phase::wedged)) return;  // it returned
  if (!entry.streams) {
    leave_room(entry.run.timing.expected);
    pool_.write_off();
  }
  entry.health.wedged(why + "; it is left alone until it does");
  log_error("collector {} ({}) is wedged: {}", entry.instance.id, entry.instance.plugin,
            entry.health.reason());
  if (entry.leaving || (entry.pending && entry.pending->instance.collector)) abandon(entry);
}

bool Runner::arm() {
  const Instant now = steady_clock::now();
  auto next = now + kTickAtLeastEvery;
  // What is due already waits for runs to return, which wakes us.
  const auto due = schedule_.next_due();
  if (!stopped_ && due) {
    const auto wanted = may_be_early() && has_room() ? *due - kEarly / 2 : *due;
    next = std::min(next, starving_ ? now + kLookForRoomEvery : wanted);
  }
  next = std::min(next, deadlines_.next().value_or(Instant::max()));
  next = std::min(next, pool_.look(now).value_or(Instant::max()));
  if (!inbox_->await_look(next)) return false;
  if (next == armed_) return true;
  armed_ = next;
  timer_.set(next, [this] {
    armed_ = {};
    tick();
  });
  return true;
}

std::unique_ptr<Pipeline> Runner::fresh_pipeline(std::string_view id) const {
  const auto found = find(id);
  return found ? (*found)->instance.fresh_pipeline() : nullptr;
}

void Runner::keep_states() {
  if (!options_.keep_state) return;
  for (const auto& entry : entries_) {
    if (!entry || entry->running) continue;
    options_.keep_state(entry->instance.id, entry->instance.pipeline->save());
  }
}

void Runner::start() {
  const Instant now = steady_clock::now();
  const auto count = static_cast<Duration::rep>(entries_.size());
  for (const auto& entry : entries_) {
    const auto& spec = entry->instance.schedule;
    const auto spread = std::min<Duration>(spec.interval, std::chrono::seconds(1));
    schedule(*entry, now + spread * entry->id / count);
  }
  tick();
}

void Runner::stop(Duration grace, std::function<void(std::vector<std::string>)> done) {
  if (stopped_) return;
  stopped_ = std::move(done);
  bool busy = false;
  for (const auto& entry : entries_) {
    if (!entry || !entry->running) continue;
    cancel(*entry);
    busy = busy || entry->phase != Phase::wedged;
  }
  pool_.hurry();
  if (!busy) return finish_stop();
  stop_timer_.set(steady_clock::now() + grace, [this] {
    kill_what_runs();
    stop_timer_.set(steady_clock::now() + kKilledWithin, [this] { finish_stop(); });
  });
  tick();
}

void Runner::kill_what_runs() {
  for (const auto& entry : entries_) {
    if (entry && entry->phase == Phase::running)
      entry->instance.collector->kill(std::string(kHostEnds));
  }
}

void Runner::finish_stop() {
  timer_.cancel();
  armed_ = {};
  stop_timer_.cancel();
  std::vector<std::string> running;
  for (const auto& entry : entries_) {
    if (entry && in_plugin(*entry)) running.push_back(entry->instance.id);
  }
  for (const auto& entry : abandoned_) running.push_back(entry->instance.id);
  if (auto done = std::exchange(stopped_, [](auto) {})) done(std::move(running));
}

// A revoked run is not, but its collector must outlive what the pool still holds of it.
bool Runner::in_plugin(const Entry& entry) {
  const auto phase = entry.phase.load();
  return phase == Phase::waiting || phase == Phase::running || phase == Phase::wedged;
}

std::vector<std::string> Runner::destroy_collectors(Instant deadline) {
  for (const auto& entry : entries_) {
    if (entry && !in_plugin(*entry) && entry->phase != Phase::revoked) {
      disposal_.add(entry->instance.id, std::move(entry->instance.collector));
    }
  }
  return disposal_.wait(deadline);
}

}  // namespace unity::host
