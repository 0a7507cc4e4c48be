#include "runtime/runner.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/wall_clock.hpp"
#include "log/log.hpp"
#include "runtime/thread.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

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
               std::vector<Instance> instances, std::size_t max_concurrent)
    : loop_(loop),
      pool_(pool),
      delivery_(delivery),
      schedule_(steady_clock::now(), system_clock::now().time_since_epoch()),
      timer_(loop),
      stop_timer_(loop),
      max_concurrent_(max_concurrent) {
  for (auto& instance : instances) entries_.emplace_back().instance = std::move(instance);
}

Runner::~Runner() = default;

void Runner::start() {
  const Instant now = steady_clock::now();
  for (InstanceId id = 0; id < entries_.size(); ++id) {
    const auto& spec = entries_[id].instance.schedule;
    const auto spread = std::min<Duration>(spec.interval, std::chrono::seconds(1));
    schedule_.add(id, spec, now + spread * id / static_cast<Duration::rep>(entries_.size()));
  }
  tick();
}

void Runner::tick() {
  const Instant now = steady_clock::now();
  for (auto& entry : entries_) {
    if (entry.running && !entry.wedged) enforce_deadline(entry, now);
  }
  if (!stopped_) {
    const auto room = max_concurrent_ - std::min(max_concurrent_, in_flight_);
    for (const auto& due : schedule_.take_due(now, room)) begin(due.id, due.trigger);
  }
  arm();
}

void Runner::arm() {
  constexpr auto never = Instant::max();
  Instant next = never;
  // With no room, due runs wait for one to finish, which ticks again.
  if (!stopped_ && in_flight_ < max_concurrent_) next = schedule_.next_due().value_or(never);
  for (const auto& entry : entries_) {
    if (!entry.running || entry.wedged) continue;
    const bool cancelled = entry.deadline_id == entry.run.id;
    const auto at = entry.run.deadline + (cancelled ? entry.instance.cancel_grace : Duration());
    next = std::min<Instant>(next, at);
  }
  if (next != never) timer_.set(next, [this] { tick(); });
}

void Runner::begin(InstanceId id, Trigger trigger) {
  auto& entry = entries_[id];
  const Instant now = steady_clock::now();
  entry.run = {next_run_id_++, trigger, wall_now(), now + entry.instance.timeout};
  entry.running = true;
  ++in_flight_;
  entry.instance.collector->start(entry.run,
                                  [this, id, &entry, run = entry.run, now](RunResult result) {
                                    conclude(id, entry, run, now, std::move(result));
                                  });
}

void Runner::enforce_deadline(Entry& entry, Instant now) {
  if (now < entry.run.deadline) return;
  if (entry.deadline_id != entry.run.id) {
    entry.deadline_id = entry.run.id;
    entry.instance.collector->cancel();
    return;
  }
  if (now < entry.run.deadline + entry.instance.cancel_grace) return;
  entry.wedged = true;
  --in_flight_;
  pool_.write_off();
  entry.health.wedged(
      fmt::format("its run did not return {} after being cancelled at its timeout "
                  "of {}; it is left alone until it does",
                  to_text(entry.instance.cancel_grace), to_text(entry.instance.timeout)));
  log_error("collector {} ({}) is wedged: {}", entry.instance.id, entry.instance.plugin,
            entry.health.reason());
}

void Runner::conclude(InstanceId id, Entry& entry, const Run& run, Instant began,
                      RunResult result) {
  if (steady_clock::now() >= run.deadline) {
    // What comes after the deadline comes too late, whatever it claims to be.
    result.run_class = RunClass::timeout;
    result.message =
        fmt::format("it took {} ms, its timeout is {}",
                    std::chrono::duration_cast<std::chrono::milliseconds>(result.took).count(),
                    to_text(entry.instance.timeout));
    result.emissions.clear();
  }
  RunReport report;
  if (succeeded(result.run_class)) {
    report.run = run.id;
    report.instance = entry.instance.id;
    report.plugin = entry.instance.plugin;
    report.output = entry.instance.pipeline->process(result.emissions, {run.started, began});
    report.host_made.push_back(run_record(entry.instance, run, result.took));
    result.emissions.clear();
  }
  // The loop outlives delivery, the runner need not.
  delivery_.accept(
      std::move(report), [this, &loop = loop_, id, result = std::move(result)](auto) mutable {
        loop.post(
            [this, id, result = std::move(result)]() mutable { finished(id, std::move(result)); });
      });
}

void Runner::finished(InstanceId id, RunResult result) {
  auto& entry = entries_[id];
  entry.running = false;
  entry.last_took = result.took;
  if (entry.wedged) {
    entry.wedged = false;
    pool_.take_back();
    log_info("collector {} returned after all and is scheduled again", entry.instance.id);
  } else {
    --in_flight_;
  }
  if (result.run_class == RunClass::cancelled && !stopped_) {
    result.run_class = RunClass::internal;
    result.message = "the plugin says that the run was cancelled, which nobody asked for";
  }
  const auto before = entry.health.state();
  entry.health.ran(result, entry.run.started);
  const auto after = entry.health.state();
  // Only when it begins and when it ends: a run a second must not mean a line a second.
  if (after != before && after != HealthState::healthy) {
    log_warn("collector {} ({}) is {}: {}", entry.instance.id, entry.instance.plugin,
             to_text(after), entry.health.reason());
  } else if (after != before) {
    log_info("collector {} ({}) is healthy again", entry.instance.id, entry.instance.plugin);
  }
  schedule_.finished(id, result, steady_clock::now());
  if (stopped_) {
    const bool busy = std::any_of(entries_.begin(), entries_.end(),
                                  [](const Entry& e) { return e.running && !e.wedged; });
    if (!busy) finish_stop();
  } else {
    tick();
  }
}

void Runner::stop(Duration grace, std::function<void(std::vector<std::string>)> done) {
  if (stopped_) return;
  stopped_ = std::move(done);
  timer_.cancel();
  bool busy = false;
  for (auto& entry : entries_) {
    if (!entry.running) continue;
    entry.instance.collector->cancel();
    busy = busy || !entry.wedged;
  }
  if (busy) {
    stop_timer_.set(steady_clock::now() + grace, [this] { finish_stop(); });
  } else {
    finish_stop();
  }
}

void Runner::finish_stop() {
  stop_timer_.cancel();
  std::vector<std::string> running;
  for (const auto& entry : entries_) {
    if (entry.running) running.push_back(entry.instance.id);
  }
  if (auto done = std::exchange(stopped_, [](auto) {})) done(std::move(running));
}

std::vector<std::string> Runner::destroy_collectors(Instant deadline) {
  // What the thread needs lives as long as the thread, which may be longer than this object.
  struct Work {
    std::vector<std::pair<std::string, std::unique_ptr<Collector>>> collectors;
    std::mutex mutex;
    std::condition_variable change;
    std::size_t destroyed = 0;
  };
  const auto work = std::make_shared<Work>();
  for (auto& entry : entries_) {
    if (entry.running) continue;
    work->collectors.emplace_back(entry.instance.id, std::move(entry.instance.collector));
  }
  start_thread([work] {
    for (auto& [id, collector] : work->collectors) {
      collector.reset();
      const std::lock_guard lock(work->mutex);
      ++work->destroyed;
      work->change.notify_one();
    }
  }).detach();
  std::unique_lock lock(work->mutex);
  work->change.wait_until(lock, deadline,
                          [&] { return work->destroyed == work->collectors.size(); });
  std::vector<std::string> left;
  for (auto i = work->destroyed; i < work->collectors.size(); ++i) {
    left.push_back(work->collectors[i].first);
  }
  return left;
}

std::vector<InstanceStatus> Runner::status() const {
  const auto instant = steady_clock::now();
  const auto wall = wall_now();
  std::vector<InstanceStatus> all;
  for (InstanceId id = 0; id < entries_.size(); ++id) {
    const auto& entry = entries_[id];
    InstanceStatus status;
    status.id = entry.instance.id;
    status.plugin = entry.instance.plugin;
    status.health = entry.health;
    status.missed = schedule_.missed(id);
    status.running = entry.running;
    status.interval = entry.instance.schedule.interval;
    status.last_took = entry.last_took;
    if (const auto next = schedule_.next_run(id)) {
      status.next_run = wall + std::chrono::floor<std::chrono::microseconds>(*next - instant);
    }
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace unity::host
