// What operators and a new configuration do to the instances of a running host.
#include <algorithm>
#include <cassert>

#include "base/wall_clock.hpp"
#include "log/log.hpp"
#include "runtime/runner.hpp"
#include "unity/core/base/suggest.hpp"

namespace unity::host {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

bool heals(RunClass run_class) {
  return run_class != RunClass::config && run_class != RunClass::permanent;
}

// Runs that another version must make well before the one before is thrown away.
constexpr int kTrialRuns = 3;

void pass_memory(InstanceChange& change, const Pipeline& before) {
  if (change.instance.pipeline && !change.forget) change.instance.pipeline->restore(before.save());
}

}  // namespace

Result<Runner::EntryPtr> Runner::find(std::string_view id) const {
  if (const auto found = ids_.find(id); found != ids_.end()) return entries_[found->second];
  std::vector<std::string> known;
  for (const auto& [name, place] : ids_) known.push_back(name);
  const auto near = nearest(id, known);
  return Error{Errc::not_found, fmt::format("there is no collector \"{}\"{}", id,
                                            near ? fmt::format("; did you mean \"{}\"?", *near)
                                                 : "; `unity status` lists them")};
}

Runner::Entry& Runner::make_entry(Instance instance) {
  auto id = static_cast<InstanceId>(entries_.size());
  if (free_ids_.empty()) {
    entries_.emplace_back();
  } else {
    id = free_ids_.back();
    free_ids_.pop_back();
  }
  entries_[id] = std::make_shared<Entry>(*this);
  auto& entry = *entries_[id];
  entry.id = id;
  ids_[instance.id] = id;
  entry.instance = std::move(instance);
  return entry;
}

void Runner::schedule(const Entry& entry, Instant first) {
  schedule_.add(entry.id, entry.instance.schedule, first);
  if (options_.paused.contains(entry.instance.id)) schedule_.hold(entry.id);
}

void Runner::apply(std::vector<InstanceChange> changes) {
  if (stopped_) return;
  Instant first = steady_clock::now();
  const auto spread = std::chrono::seconds(1) / static_cast<Duration::rep>(changes.size() + 1);
  for (auto& change : changes) {
    if (change.kind == InstanceChange::Kind::add) {
      assert(!ids_.contains(change.instance.id));
      auto& entry = make_entry(std::move(change.instance));
      schedule(entry, first);
      first += spread;
      continue;
    }
    const auto entry = entries_[ids_.at(change.instance.id)];
    if (change.kind == InstanceChange::Kind::remove) {
      remove(*entry);
    } else {
      replace(*entry, std::move(change));
    }
  }
  tick();
}

void Runner::remove(Entry& entry) {
  ids_.erase(entry.instance.id);
  refuse_waiting(entry, "it was removed from the configuration");
  entry.leaving = true;
  if (!entry.running) return release(entry);
  if (entry.phase == Phase::wedged) return abandon(entry);
  schedule_.hold(entry.id);
  cancel(entry);
}

void Runner::replace(Entry& entry, InstanceChange change) {
  if (!entry.running) return install(entry, std::move(change));
  auto& instance = change.instance;
  const bool whole = instance.collector != nullptr || change.options;
  if (entry.pending) {
    // Two changes during one run: what the later one keeps is what the earlier one brought.
    auto& earlier = entry.pending->instance;
    if (!instance.collector) instance.collector = std::move(earlier.collector);
    if (!instance.pipeline) instance.pipeline = std::move(earlier.pipeline);
    if (!change.options) change.options = std::move(entry.pending->options);
    change.forget |= entry.pending->forget;
  }
  entry.pending = std::make_unique<InstanceChange>(std::move(change));
  if (!whole) return;
  if (entry.phase == Phase::wedged && entry.pending->instance.collector) return abandon(entry);
  cancel(entry);
}

void Runner::install(Entry& entry, InstanceChange change) {
  auto& current = entry.instance;
  auto& instance = change.instance;
  // What is another thing begins anew, also if it had failed for good.
  const bool same_schedule =
      !instance.collector && !change.options && instance.schedule == current.schedule;
  pass_memory(change, *current.pipeline);
  if (instance.collector) {
    entry.notice.clear();
    entry.last_took.reset();  // nobody knows how long the new one takes
    const bool proven = entry.health.state() == HealthState::healthy && !entry.trial;
    if (change.on_trial && proven && instance.pipeline) {
      entry.trial = std::make_unique<Trial>(Trial{std::move(current), kTrialRuns});
      current = {};
      current.id = instance.id;
    } else {
      disposal_.add(current.id, std::move(current.collector));
      // What it was to replace is on trial itself: this one is now.
      if (entry.trial) entry.trial->runs_left = kTrialRuns;
      if (!entry.trial && options_.on_proven) options_.on_proven(instance.id);
    }
  }
  if (!instance.collector) instance.collector = std::move(current.collector);
  if (!instance.pipeline) instance.pipeline = std::move(current.pipeline);
  current = std::move(instance);
  if (change.options) current.collector->change_options(std::move(*change.options));
  const bool was_off = !std::exchange(entry.switched_off, {}).empty();
  if (was_off && !options_.paused.contains(current.id)) {
    schedule_.release(entry.id, steady_clock::now());
  }
  if (!same_schedule) schedule_.change(entry.id, current.schedule, steady_clock::now());
}

// What may be the source's fault, and not the new version's, says nothing of it.
void Runner::judge_trial(Entry& entry, const RunResult& result) {
  switch (result.run_class) {
    case RunClass::ok:
    case RunClass::partial:
      if (--entry.trial->runs_left == 0) end_trial(entry);
      return;
    case RunClass::transient:
    case RunClass::auth:
    case RunClass::cancelled:
      return;
    case RunClass::timeout:
    case RunClass::config:
    case RunClass::permanent:
    case RunClass::internal:
    case RunClass::quarantined:
      return roll_back(entry, result);
  }
}

void Runner::end_trial(Entry& entry) {
  disposal_.add(entry.instance.id, std::move(entry.trial->before.collector));
  entry.trial.reset();
  if (options_.on_proven) options_.on_proven(entry.instance.id);
}

void Runner::set_notices(std::map<std::string, std::string> notices) {
  for (const auto& entry : entries_) {
    if (!entry || entry->leaving) continue;
    entry->notice = std::move(notices[entry->instance.id]);
  }
}

void Runner::roll_back(Entry& entry, const RunResult& result) {
  const auto before = std::exchange(entry.trial, nullptr);
  entry.pending.reset();  // it was meant for the version that goes
  disposal_.add(entry.instance.id, std::move(entry.instance.collector));
  entry.instance = std::move(before->before);
  entry.last_took.reset();
  entry.notice = fmt::format("its new version was rolled back: {}", result.message);
  log_error("collector {} ({}): {}", entry.instance.id, entry.instance.plugin, entry.notice);
  schedule_.change(entry.id, entry.instance.schedule, steady_clock::now());
  if (options_.on_rollback) options_.on_rollback(entry.instance.id, result.message);
}

void Runner::abandon(Entry& entry) {
  const auto old = entries_[entry.id];
  old->abandoned = true;
  abandoned_.push_back(old);
  RunResult cancelled;
  cancelled.run_class = RunClass::cancelled;
  schedule_.finished(old->id, cancelled, steady_clock::now());
  if (old->leaving) {
    schedule_.remove(old->id);
    entries_[old->id] = nullptr;
    free_ids_.push_back(old->id);
    return;
  }
  refuse_waiting(*old, "its run hangs and it was replaced");
  const auto fresh = std::make_shared<Entry>(*this);
  fresh->id = old->id;
  pass_memory(*old->pending, *old->instance.pipeline);
  fresh->instance = std::move(std::exchange(old->pending, nullptr)->instance);
  if (!fresh->instance.pipeline) fresh->instance.pipeline = std::move(old->instance.pipeline);
  fresh->health = old->health;
  fresh->took = old->took;
  fresh->cpu = old->cpu;
  entries_[fresh->id] = fresh;
  schedule_.change(fresh->id, fresh->instance.schedule, steady_clock::now());
}

void Runner::release(Entry& entry) {
  if (entry.trial) end_trial(entry);
  disposal_.add(entry.instance.id, std::move(entry.instance.collector));
  if (entry.abandoned) {
    std::erase_if(abandoned_, [&](const EntryPtr& one) { return one.get() == &entry; });
    return;
  }
  const auto keep = std::exchange(entries_[entry.id], nullptr);
  schedule_.remove(keep->id);
  free_ids_.push_back(keep->id);
}

Result<void> Runner::run_now(std::string_view id, std::optional<Duration> if_older,
                             RunNowDone done) {
  const auto entry = find(id);
  if (!entry) return entry.error();
  const auto& health = (*entry)->health;
  if (if_older && health.last_success() &&
      system_clock::now() - *health.last_success() < *if_older) {
    RunOutcome outcome;
    outcome.fresh = true;
    outcome.started = *health.last_success();
    if (options_.on_run) {  // nothing ran, and somebody asked
      auto facts = facts_of(**entry);
      facts.run = next_run_id_++;
      facts.trigger = Trigger::manual;
      facts.started = wall_now();
      facts.if_older = if_older;
      facts.fresh = true;
      options_.on_run(facts);
    }
    done(outcome);
    return {};
  }
  (*entry)->if_older = if_older;
  (*entry)->waiting.push_back(std::move(done));
  schedule_.run_now((*entry)->id, steady_clock::now());
  tick();
  return {};
}

Result<void> Runner::pause(std::string_view id) {
  const auto entry = find(id);
  if (!entry) return entry.error();
  options_.paused.insert((*entry)->instance.id);
  schedule_.hold((*entry)->id);
  revoke(**entry);
  refuse_waiting(**entry, "it was paused");
  return {};
}

Result<void> Runner::resume(std::string_view id) {
  const auto entry = find(id);
  if (!entry) return entry.error();
  options_.paused.erase((*entry)->instance.id);
  (*entry)->switched_off.clear();
  schedule_.release((*entry)->id, steady_clock::now());
  tick();
  return {};
}

void Runner::answer(Entry& entry, const Finished& finished) {
  RunOutcome outcome{finished.result.run_class, finished.result.message, entry.started,
                     finished.result.took,      finished.records,        false};
  for (auto& done : std::exchange(entry.answering, {})) done(outcome);
}

void Runner::refuse_waiting(Entry& entry, const char* why) {
  auto waiting = std::exchange(entry.waiting, {});
  if (entry.leaving || entry.abandoned) {
    std::move(entry.answering.begin(), entry.answering.end(), std::back_inserter(waiting));
    entry.answering.clear();
  }
  for (auto& done : waiting) {
    done(Error{Errc::refused, fmt::format("collector {} was not run: {}", entry.instance.id, why)});
  }
}

void Runner::apply_start_policy(Entry& entry, const RunResult& result) {
  const auto policy = entry.instance.on_start_error;
  const bool first = entry.health.runs() == 1 && entry.health.errors() == 1;
  if (!first || policy == OnStartError::retry) return;
  if (heals(result.run_class) && policy != OnStartError::probe) return;
  const auto& id = entry.instance.id;
  if (policy == OnStartError::error) {
    if (options_.on_fatal) {
      options_.on_fatal(
          fmt::format("collector {} cannot start, and its `on_start_error` is "
                      "`error`: {}",
                      id, result.message));
    }
    return;
  }
  entry.switched_off = fmt::format(
      "its first run failed, so `on_start_error` switched it off; "
      "`unity resume {}` tries it again: {}",
      id, result.message);
  schedule_.hold(entry.id);
  refuse_waiting(entry, "its first run failed, which switched it off");
  log_info("collector {} is off: {}", id, entry.switched_off);
}

}  // namespace unity::host
