#include "runtime/runner.hpp"

#include <algorithm>
#include <ctime>

#include "base/wall_clock.hpp"
#include "log/log.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr Duration kKeepStateEvery = std::chrono::seconds(10);
constexpr Duration kClockLookEvery = std::chrono::seconds(1);
constexpr Duration kTickAtLeastEvery = std::chrono::seconds(10);
// How late the end of a run may be seen that changes nothing before its next slot, and any other.
constexpr Duration kEndSeenWithin = std::chrono::milliseconds(20);
constexpr Duration kEndSeenSoon = std::chrono::milliseconds(2);
// Runs that are handed to the pool at once.
constexpr std::size_t kBatch = 32;
// Runs shorter than this wake nobody who waits for room, before half of it is free.
constexpr Duration kQuick = std::chrono::milliseconds(1);
constexpr Duration kLookForRoomEvery = std::chrono::milliseconds(5);

ClockReading read_clocks() {
  timespec boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &boot);
  return {steady_clock::now(),
          std::chrono::seconds(boot.tv_sec) + std::chrono::nanoseconds(boot.tv_nsec),
          system_clock::now().time_since_epoch()};
}

// The record that the host itself makes of each run, beside what the collector said.
Record run_record(const Instance& instance, const Run& run, Duration took) {
  Record record;
  record.origin = instance.origin;
  record.metric = "_collection";
  record.time = run.started;
  record.tags = instance.tags;
  record.fields.push_back(
      {"duration_ms", std::chrono::duration<double, std::milli>(took).count(), Kind::gauge, "ms"});
  record.host_made = true;
  return record;
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
    for (auto& one : ended) finished(one);
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
  for (;;) {
    const auto due_at = schedule_.next_due();
    if (!due_at || *due_at > now) return;
    const auto running = in_flight_.load();
    if (running >= options_.max_concurrent) {
      starving_ = true;
      // A run may have returned before it could see that.
      if (in_flight_.load() >= options_.max_concurrent) return;
      starving_ = false;
      continue;
    }
    pool_.gather();
    const auto room = std::min(options_.max_concurrent - running, kBatch);
    for (const auto& due : schedule_.take_due(now, room)) begin(due, now);
    pool_.release();
  }
}

bool Runner::arm() {
  const Instant now = steady_clock::now();
  auto next = now + kTickAtLeastEvery;
  // What is due already waits for runs to return, which wakes us.
  const auto due = schedule_.next_due();
  if (!stopped_ && due) next = std::min(next, starving_ ? now + kLookForRoomEvery : *due);
  next = std::min(next, deadlines_.next().value_or(Instant::max()));
  if (!inbox_->await_look(next)) return false;
  if (next == armed_) return true;
  armed_ = next;
  timer_.set(next, [this] {
    armed_ = {};
    tick();
  });
  return true;
}

void Runner::begin(const Schedule::Due& due, Instant now) {
  const auto& entry = entries_[due.id];
  ++totals_.started;
  totals_.lateness.add(now - due.due);
  entry->run = {next_run_id_++, due.trigger, wall_now(), now + entry->instance.timeout};
  entry->began = now;
  const bool awaited = due.trigger == Trigger::manual || !entry->instance.schedule.target.empty();
  entry->end_wanted = awaited ? now : due.next_slot;
  entry->running = true;
  entry->cancelled = false;
  if (due.trigger == Trigger::manual) entry->answering = std::exchange(entry->waiting, {});
  entry->phase = Phase::running;
  ++in_flight_;
  deadlines_.set(due.id, entry->run.deadline);
  entry->instance.collector->start(
      entry->run, [this, of = entry.get()](RunResult result) { returned(*of, std::move(result)); });
}

void Runner::enforce_deadlines(Instant now) {
  while (!deadlines_.empty() && *deadlines_.next() <= now) {
    const auto& entry = entries_[deadlines_.first()];
    if (entry->phase != Phase::running) {
      deadlines_.erase(entry->id);  // it only waits for its acceptance
    } else if (now < entry->run.deadline + entry->instance.cancel_grace) {
      deadlines_.set(entry->id, entry->run.deadline + entry->instance.cancel_grace);
      if (!std::exchange(entry->cancelled, true)) entry->instance.collector->cancel();
    } else {
      deadlines_.erase(entry->id);
      give_up(*entry);
    }
  }
}

void Runner::give_up(Entry& entry) {
  auto expected = Phase::running;
  if (!entry.phase.compare_exchange_strong(expected, Phase::wedged)) return;  // it returned
  --in_flight_;
  pool_.write_off();
  entry.health.wedged(
      fmt::format("its run did not return {} after being cancelled at its timeout "
                  "of {}; it is left alone until it does",
                  to_text(entry.instance.cancel_grace), to_text(entry.instance.timeout)));
  log_error("collector {} ({}) is wedged: {}", entry.instance.id, entry.instance.plugin,
            entry.health.reason());
  if (entry.leaving || (entry.pending && entry.pending->instance.collector)) abandon(entry);
}

void Runner::returned(Entry& entry, RunResult result) {
  const Instant ended = steady_clock::now();
  const bool quick = result.took < kQuick;
  auto expected = Phase::running;
  const bool in_room = entry.phase.compare_exchange_strong(expected, Phase::returned);
  if (ended >= entry.run.deadline) {
    // What comes after the deadline comes too late, whatever it claims to be.
    result.run_class = RunClass::timeout;
    result.message =
        fmt::format("it took {} ms, its timeout is {}",
                    std::chrono::duration_cast<std::chrono::milliseconds>(result.took).count(),
                    to_text(entry.instance.timeout));
    result.emissions.clear();
  }
  if (succeeded(result.run_class)) {
    deliver({entry.shared_from_this(), std::move(result), ended});
  } else {
    put(*inbox_, loop_, {entry.shared_from_this(), std::move(result), ended});
  }
  if (in_room) leave_room(quick);
}

void Runner::deliver(Finished one) {
  auto& instance = one.entry->instance;
  const auto& run = one.entry->run;
  const auto observer = options_.taps != nullptr ? options_.taps->observe(instance.id) : nullptr;
  RunReport report;
  report.run = run.id;
  report.instance = instance.id;
  report.plugin = instance.plugin;
  report.output = instance.pipeline->process(one.result.emissions, {run.started, one.entry->began},
                                             observer.get());
  for (const auto& emission : one.result.emissions) one.bytes += emission.text.size();
  one.result.emissions.clear();
  if (options_.keep_state && one.ended - one.entry->state_kept >= kKeepStateEvery) {
    one.entry->state_kept = one.ended;
    options_.keep_state(instance.id, instance.pipeline->save());
  }
  one.conditions = instance.pipeline->conditions();
  one.records = report.output.collected;
  if (options_.run_metrics) {
    report.host_made.push_back(run_record(instance, run, one.result.took));
  }
  // The inbox and the loop may outlive this object, as delivery does.
  delivery_.accept(std::move(report), [this, inbox = inbox_, &loop = loop_, one = std::move(one)](
                                          auto) mutable { put(*inbox, loop, std::move(one)); });
}

void Runner::put(FinishedInbox& inbox, EventLoop& loop, Finished one) {
  const Instant now = steady_clock::now();
  const auto soonest = now + kEndSeenSoon;
  auto wanted = std::min(now + kEndSeenWithin, one.entry->end_wanted);
  if (!succeeded(one.result.run_class) || wanted < soonest) wanted = soonest;
  if (inbox.put(std::move(one), wanted)) loop.post([this] { tick(); });
}

void Runner::leave_room(bool quick) {
  const auto running = --in_flight_;
  // Many short runs: the control thread starts the next ones in batches.
  if (quick && running > options_.max_concurrent / 2) return;
  if (starving_.exchange(false)) loop_.post([this] { tick(); });
}

void Runner::finished(Finished& one) {
  auto& entry = *one.entry;
  if (entry.phase == Phase::wedged) {
    pool_.take_back();
    log_info("collector {} returned after all", entry.instance.id);
  }
  entry.phase = Phase::idle;
  entry.running = false;
  if (entry.abandoned) return release(entry);
  deadlines_.erase(entry.id);
  auto& result = one.result;
  if (result.run_class == RunClass::cancelled && !entry.cancelled) {
    result.run_class = RunClass::internal;
    result.message = "the plugin says that the run was cancelled, which nobody asked for";
  }
  const auto before = state(entry);
  record(entry, result);
  if (succeeded(result.run_class)) entry.conditions = std::move(one.conditions);
  tell(entry, one);
  schedule_.finished(entry.id, result, one.ended);
  if (entry.leaving) {
    release(entry);
  } else {
    apply_start_policy(entry, result);
    log_change(entry, before);
    answer(entry, one);
    if (entry.pending) install(entry, std::move(*std::exchange(entry.pending, nullptr)));
  }
  if (!stopped_) return;
  const bool busy = std::any_of(entries_.begin(), entries_.end(), [](const EntryPtr& e) {
    return e && e->running && e->phase != Phase::wedged;
  });
  if (!busy) finish_stop();
}

void Runner::record(Entry& entry, const RunResult& result) {
  entry.last_took = result.took;
  entry.took.add(result.took);
  entry.cpu += result.cpu;
  entry.health.ran(result, entry.run.started);
}

RunFacts Runner::facts_of(const Entry& entry) const {
  RunFacts facts;
  facts.device = entry.instance.origin->device;
  facts.plugin = entry.instance.plugin;
  facts.instance = entry.instance.id;
  return facts;
}

void Runner::tell(const Entry& entry, const Finished& one) const {
  if (!options_.on_run) return;
  auto facts = facts_of(entry);
  facts.run = entry.run.id;
  if (entry.run.trigger == Trigger::manual) facts.if_older = entry.if_older;
  facts.trigger = entry.run.trigger;
  facts.outcome = one.result.run_class;
  facts.first = entry.health.runs() == 1;
  facts.started = entry.run.started;
  facts.took = one.result.took;
  facts.cpu = one.result.cpu;
  facts.records = one.records;
  facts.bytes = one.bytes;
  facts.message = one.result.message;
  options_.on_run(facts);
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

HealthState Runner::state(const Entry& entry) const {
  return state_of(entry.health, schedule_.standing(entry.id), schedule_.stretched(entry.id));
}

// Only when it begins and when it ends: a run a second must not mean a line a second.
void Runner::log_change(const Entry& entry, HealthState before) {
  const auto after = state(entry);
  if (after == before || !entry.switched_off.empty()) return;
  const auto& instance = entry.instance;
  if (after == HealthState::healthy) {
    return log_info("collector {} ({}) is healthy again", instance.id, instance.plugin);
  }
  const Instant now = steady_clock::now();
  log_warn("collector {} ({}) is {}: {}", instance.id, instance.plugin, to_text(after),
           report_of(entry.health, schedule_.view(entry.id, now), now).reason);
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
    if (!std::exchange(entry->cancelled, true)) entry->instance.collector->cancel();
    busy = busy || entry->phase != Phase::wedged;
  }
  if (!busy) return finish_stop();
  stop_timer_.set(steady_clock::now() + grace, [this] { finish_stop(); });
  tick();
}

void Runner::finish_stop() {
  timer_.cancel();
  armed_ = {};
  stop_timer_.cancel();
  std::vector<std::string> running;
  for (const auto& entry : entries_) {
    if (entry && entry->running) running.push_back(entry->instance.id);
  }
  for (const auto& entry : abandoned_) running.push_back(entry->instance.id);
  if (auto done = std::exchange(stopped_, [](auto) {})) done(std::move(running));
}

std::vector<std::string> Runner::destroy_collectors(Instant deadline) {
  for (const auto& entry : entries_) {
    if (entry && !entry->running) {
      disposal_.add(entry->instance.id, std::move(entry->instance.collector));
    }
  }
  return disposal_.wait(deadline);
}

}  // namespace unity::host
