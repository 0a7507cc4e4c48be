// The life of a run: from when it is due to what is known of it when it has ended.
#include <algorithm>

#include "base/wall_clock.hpp"
#include "log/log.hpp"
#include "runtime/runner.hpp"
#include "unity/core/base/text.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;

// Of what a plugin says of a run, in characters.
constexpr std::size_t kReasonMax = std::size_t{8} << 10;
constexpr std::size_t kCodeMax = 128;

constexpr Duration kKeepStateEvery = std::chrono::seconds(10);
// How late the end of a run may be seen that changes nothing before its next slot, and any other.
constexpr Duration kEndSeenWithin = std::chrono::milliseconds(150);
constexpr Duration kEndSeenSoon = std::chrono::milliseconds(2);
constexpr Duration kShort = std::chrono::milliseconds(1);
constexpr auto kLong = WorkerPool::kLong;  // also what nobody knows
// An interval that holds less of kEarly is too short for anything to be early.
constexpr int kEarlyIntervals = 5;
// How long runs may be expected to wait for a thread. Where they are short, it saves that the
// control thread is woken to hand over each of them.
constexpr Duration kAhead = std::chrono::milliseconds(2);
constexpr Duration kTellWellEvery = std::chrono::seconds(1);

// The record that the host itself makes of each run, beside what the collector said.
Record run_record(const Instance& instance, Time started, Duration took) {
  Record record;
  record.origin = instance.origin;
  record.metric = "_collection";
  record.time = started;
  record.tags = instance.tags;
  record.fields.push_back(
      {"duration_ms", std::chrono::duration<double, std::milli>(took).count(), Kind::gauge, "ms"});
  record.host_made = true;
  return record;
}

}  // namespace

// A short run that is sure to come: the thread that makes it wakes up by itself, on time, and the
// control thread once for many of them.
bool Runner::may_be_early() const {
  const auto id = schedule_.next_slot_of();
  if (!id) return false;
  const auto& entry = *entries_[*id];
  return entry.last_took && *entry.last_took < kShort &&
         entry.instance.schedule.interval >= kEarlyIntervals * kEarly;
}

Duration::rep Runner::work_bound() const {
  return static_cast<Duration::rep>(options_.max_concurrent) * kAhead.count();
}

bool Runner::has_room() const {
  return in_flight_ < options_.max_concurrent || work_in_flight_ < work_bound();
}

void Runner::begin(const Schedule::Due& due, Instant now) {
  auto& entry = *entries_[due.id];
  ++totals_.started;
  entry.run = {next_run_id_++, due.trigger, {}};
  if (due.due > now) entry.run.timing.not_before = due.due;
  entry.run.timing.expected = std::min(entry.last_took.value_or(kLong), kLong);
  entry.due = due.due;
  const bool awaited = due.trigger == Trigger::manual || !entry.instance.schedule.target.empty();
  entry.end_wanted = awaited ? now : due.next_slot - kEarly;
  entry.running = true;
  entry.cancelled = false;
  entry.overdue = false;
  if (due.trigger == Trigger::manual) entry.answering = std::exchange(entry.waiting, {});
  entry.streams = entry.instance.collector->streams();
  if (!entry.streams) {
    ++in_flight_;
    work_in_flight_ += entry.run.timing.expected.count();
    deadlines_.set(due.id, now + entry.instance.timeout);  // or later, as it waits first
  }
  entry.phase = Phase::waiting;
  entry.instance.collector->start(entry.run, entry);
}

std::optional<Instant> Runner::Entry::began() {
  began_at = steady_clock::now();
  started = wall_now();
  deadline = streams ? Instant::max() : began_at + instance.timeout;
  streamed_records = 0;
  streamed_bytes = 0;
  auto expected = Phase::waiting;
  if (!phase.compare_exchange_strong(expected, Phase::running)) return std::nullopt;
  return deadline;
}

bool Runner::revoke(Entry& entry) {
  auto waiting = Phase::waiting;
  // Who asked for a run gets one.
  return entry.run.trigger != Trigger::manual &&
         entry.phase.compare_exchange_strong(waiting, Phase::revoked);
}

void Runner::cancel(Entry& entry) {
  if (revoke(entry) || entry.phase == Phase::revoked) return;
  if (std::exchange(entry.cancelled, true)) return;
  entry.instance.collector->cancel();
  if (!entry.streams) return;
  entry.overdue = true;  // it has no deadline but this
  deadlines_.set(entry.id, steady_clock::now() + entry.instance.cancel_grace);
}

void Runner::returned(Entry& entry, RunResult&& result) {
  const Instant ended = steady_clock::now();
  if (!result.message.empty()) result.message = one_line(result.message, kReasonMax);
  if (!result.code.empty()) result.code = one_line(result.code, kCodeMax);
  const auto expected = entry.run.timing.expected;
  auto phase = Phase::running;
  const bool in_room = entry.phase.compare_exchange_strong(phase, Phase::returned);
  const bool has_room = !entry.streams;
  if (phase == Phase::revoked) {
    put(*inbox_, loop_, {entry.shared_from_this(), std::move(result), ended, false});
    if (has_room) leave_room(expected);
    return;
  }
  if (ended >= entry.deadline && result.run_class != RunClass::quarantined) {
    // What comes after the deadline comes too late, whatever it claims to be.
    const bool killed = result.code == kWorkerEnded;
    result.run_class = RunClass::timeout;
    auto message =
        fmt::format("it took {} ms, its timeout is {}",
                    std::chrono::duration_cast<std::chrono::milliseconds>(result.took).count(),
                    to_text(entry.instance.timeout));
    if (killed) message += "; " + result.message;
    result.message = std::move(message);
    result.emissions.clear();
  }
  if (succeeded(result.run_class)) {
    deliver({entry.shared_from_this(), std::move(result), ended});
  } else {
    put(*inbox_, loop_, {entry.shared_from_this(), std::move(result), ended});
  }
  if (in_room && has_room) leave_room(expected);
}

RunReport Runner::process(Entry& entry, std::vector<Emission>& emissions, const RunContext& of) {
  auto& instance = entry.instance;
  const auto observer = options_.taps != nullptr ? options_.taps->observe(instance.id) : nullptr;
  RunReport report;
  report.run = entry.run.id;
  report.instance = instance.id;
  report.plugin = instance.plugin;
  report.output = instance.pipeline->process(emissions, of, observer.get());
  for (auto& emission : emissions) {
    // Each speaks of all records before it as well.
    if (!emission.checkpoint.empty()) report.checkpoint = std::move(emission.checkpoint);
  }
  return report;
}

void Runner::keep_state(Entry& entry, Instant now) {
  if (!options_.keep_state || now - entry.state_kept < kKeepStateEvery) return;
  entry.state_kept = now;
  options_.keep_state(entry.instance.id, entry.instance.pipeline->save());
}

void Runner::deliver(Finished&& one) {
  auto& entry = *one.entry;
  auto& instance = entry.instance;
  RunReport report;
  if (!one.result.emissions.empty()) {
    for (const auto& emission : one.result.emissions) one.bytes += emission.text.size();
    report = process(entry, one.result.emissions, {entry.started, entry.began_at});
    one.result.emissions.clear();
    one.records = report.output.collected;
    one.conditions = instance.pipeline->conditions();
  }
  one.records += entry.streamed_records;
  one.bytes += entry.streamed_bytes;
  keep_state(entry, one.ended);
  if (options_.run_metrics) {
    report.host_made.push_back(run_record(instance, entry.started, one.result.took));
  }
  if (report.empty()) return put(*inbox_, loop_, std::move(one));
  report.run = entry.run.id;
  report.instance = instance.id;
  report.plugin = instance.plugin;
  // The inbox and the loop may outlive this object, as delivery does.
  delivery_.accept(std::move(report), [this, inbox = inbox_, &loop = loop_, one = std::move(one)](
                                          auto) mutable { put(*inbox, loop, std::move(one)); });
}

void Runner::stream_emitted(Entry& entry, std::vector<Emission>&& emissions,
                            std::function<void()> done) {
  for (const auto& emission : emissions) entry.streamed_bytes += emission.text.size();
  auto report = process(entry, emissions, {wall_now(), steady_clock::now()});
  entry.streamed_records += report.output.collected;
  keep_state(entry, steady_clock::now());
  stream_is_well(entry);
  delivery_.accept(std::move(report), [done = std::move(done)](auto) { done(); });
}

void Runner::stream_is_well(Entry& entry) {
  const Instant now = steady_clock::now();
  if (now - entry.well_told < kTellWellEvery) return;
  entry.well_told = now;
  loop_.post([this, keep = entry.shared_from_this(), run = entry.run.id, at = wall_now(),
              conditions = entry.instance.pipeline->conditions()]() mutable {
    if (keep->abandoned || !keep->running || keep->run.id != run) return;
    const auto before = state(*keep);
    keep->health.streams(at);
    if (keep->trial) end_trial(*keep);  // it delivers
    keep->conditions = std::move(conditions);
    log_change(*keep, before);
  });
}

void Runner::put(FinishedInbox& inbox, EventLoop& loop, Finished&& one) {
  const Instant now = steady_clock::now();
  const auto soonest = now + kEndSeenSoon;
  auto wanted = std::min(now + kEndSeenWithin, one.entry->end_wanted);
  if (!succeeded(one.result.run_class) || wanted < soonest) wanted = soonest;
  if (inbox.put(std::move(one), wanted)) loop.post([this] { tick(); });
}

void Runner::leave_room(Duration expected) {
  --in_flight_;
  const auto work = work_in_flight_ -= expected.count();
  if (!starving_) return;
  // Not for each run, where they are short.
  const bool room = in_flight_ < options_.max_concurrent || work < work_bound() / 2;
  if (room && starving_.exchange(false)) loop_.post([this] { tick(); });
}

void Runner::finished(Finished& one, Instant now) {
  auto& entry = *one.entry;
  if (entry.phase == Phase::wedged) {
    if (!entry.streams) pool_.take_back();
    log_info("collector {} returned after all", entry.instance.id);
  }
  entry.phase = Phase::idle;
  entry.running = false;
  if (entry.abandoned) return release(entry);
  deadlines_.erase(entry.id);
  auto& result = one.result;
  if (one.made && result.run_class == RunClass::cancelled && !entry.cancelled) {
    result.run_class = RunClass::internal;
    result.message = "the plugin says that the run was cancelled, which nobody asked for";
  }
  const auto before = state(entry);
  if (one.made) record(entry, result);
  if (one.conditions) entry.conditions = std::move(*one.conditions);
  if (one.made) tell(entry, one);
  schedule_.finished(entry.id, result, one.ended, now);
  if (entry.leaving) {
    release(entry);
  } else if (!one.made) {
    after_revoked(entry, now);
  } else {
    apply_start_policy(entry, result);
    log_change(entry, before);
    if (!entry.answering.empty()) answer(entry, one);
    // Of a version that is replaced already, nobody wants to know.
    const bool judged = !entry.pending || !entry.pending->instance.collector;
    if (entry.trial && judged) judge_trial(entry, result);
    if (entry.pending) install(entry, std::move(*std::exchange(entry.pending, nullptr)));
  }
  if (!stopped_) return;
  const bool busy = std::any_of(entries_.begin(), entries_.end(), [](const EntryPtr& e) {
    return e && e->running && e->phase != Phase::wedged;
  });
  if (!busy) finish_stop();
}

// As if it had never been handed over: who has resumed it meanwhile gets a run at once.
void Runner::after_revoked(Entry& entry, Instant now) {
  if (entry.pending) {
    install(entry, std::move(*std::exchange(entry.pending, nullptr)));
  } else if (!stopped_ && schedule_.standing(entry.id) != Standing::held) {
    schedule_.release(entry.id, now);
  }
}

void Runner::record(Entry& entry, const RunResult& result) {
  totals_.lateness.add(entry.began_at - entry.due);
  entry.last_took = result.took;
  entry.took.add(result.took);
  entry.cpu += result.cpu;
  entry.health.ran(result, entry.started);
}

RunFacts Runner::facts_of(const Entry& entry) {
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
  facts.started = entry.started;
  facts.took = one.result.took;
  facts.cpu = one.result.cpu;
  facts.records = one.records;
  facts.bytes = one.bytes;
  facts.message = one.result.message;
  options_.on_run(facts);
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

}  // namespace unity::host
