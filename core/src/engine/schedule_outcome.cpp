// What the end of a run, or an operator, does to the schedule.
#include <algorithm>
#include <cassert>

#include "unity/core/engine/schedule.hpp"

namespace unity {

void Schedule::finished(InstanceId id, const RunResult& result, Instant ended, Instant now) {
  auto& entry = at(id);
  entry.accepted = now;
  assert(entry.running);
  entry.running = false;
  free_target(entry);
  if (entry.standing == Standing::regular && !entry.held) {
    if (entry.spec.continuous) {
      // Its next slot is the first after the end of this run.
      if (ended > entry.slot) make_regular_slot(entry, ended);
    } else {
      skip_overrun(entry, ended);
    }
  }
  if (result.exhausted && succeeded(result.run_class)) {
    entry.standing = Standing::parked;
  } else if (result.run_class != RunClass::cancelled) {
    if (entry.running_as == Trigger::manual) {
      decide_manual(entry, result, ended);
    } else if (entry.standing == Standing::regular) {
      decide(entry, result, ended);
    } else {
      decide_probe(entry, result, ended);
    }
  }
  enqueue(id, entry);
}

void Schedule::decide(Entry& entry, const RunResult& result, Instant ended) {
  const auto decision = decide_retry(entry.spec.retry, entry.retry, result, entry.spec.interval);
  switch (decision.action) {
    case RetryDecision::Action::park:
      entry.standing = Standing::parked;
      return;
    case RetryDecision::Action::retry:
      if (ended + decision.delay < entry.slot) {
        entry.due = ended + decision.delay;
        entry.trigger = Trigger::retry;
        return;
      }
      break;
    case RetryDecision::Action::defer:
      // Slots before that moment are given up on request; they are not missed.
      entry.not_before = ended + decision.delay;
      break;
    case RetryDecision::Action::regular:
      break;
  }
  slot_ended(entry, succeeded(result.run_class), ended);
}

void Schedule::decide_probe(Entry& entry, const RunResult& result, Instant ended) {
  if (succeeded(result.run_class)) return make_regular(entry, ended);
  RetryState none;
  const auto decision = decide_retry(entry.spec.retry, none, result, entry.spec.interval);
  if (decision.action == RetryDecision::Action::park) {
    entry.standing = Standing::parked;
    return;
  }
  entry.pace.probe_failed();
  entry.due = ended + entry.pace.probe_delay(entry.spec.pace, entry.spec.interval);
  entry.trigger = Trigger::probe;
}

void Schedule::decide_manual(Entry& entry, const RunResult& result, Instant ended) {
  if (!succeeded(result.run_class)) {
    // It is beside the slots and says nothing of them, unless no other run can succeed either.
    RetryState none;
    const auto decision = decide_retry(entry.spec.retry, none, result, entry.spec.interval);
    if (decision.action == RetryDecision::Action::park) entry.standing = Standing::parked;
    return;
  }
  if (entry.standing != Standing::regular) return make_regular(entry, ended);
  entry.retry = {};
  slot_ended(entry, true, ended);
}

void Schedule::make_regular_slot(Entry& entry, Instant served) {
  entry.served = served;
  take_slot(entry, slot_after_served(entry));
}

void Schedule::make_regular(Entry& entry, Instant served) {
  entry.standing = Standing::regular;
  entry.pace.reset();
  entry.retry = {};
  entry.not_before = {};
  make_regular_slot(entry, served);
}

void Schedule::slot_ended(Entry& entry, bool good, Instant ended) {
  const int pace = entry.pace.factor();
  if (entry.pace.slot_ended(entry.spec.pace, good)) {
    entry.standing = Standing::probing;
    entry.due = ended + entry.pace.probe_delay(entry.spec.pace, entry.spec.interval);
    entry.trigger = Trigger::probe;
    return;
  }
  // The slot stays where it is, with the jitter that was drawn, unless something moves it.
  const bool moves = pace != entry.pace.factor() || entry.not_before > entry.slot ||
                     entry.trigger == Trigger::retry;
  if (!moves) return;
  entry.not_before = std::max(entry.not_before, ended);
  take_slot(entry, slot_after_served(entry));
}

void Schedule::skip_overrun(Entry& entry, Instant ended) {
  if (ended <= entry.slot) return;
  if (entry.trigger == Trigger::schedule && ended <= entry.due) return;
  const auto over = static_cast<Duration::rep>(passed(entry, ended));
  const auto newest = entry.slot + over * step(entry);
  entry.missed += static_cast<std::uint64_t>(over);
  // The slot at the very end of the run has just come.
  const bool coalesces =
      entry.spec.on_overrun == OnOverrun::coalesce && entry.running_as == Trigger::schedule;
  if (coalesces || newest == ended) {
    entry.slot = newest;
    entry.due = newest;
    entry.trigger = Trigger::schedule;
    return;
  }
  ++entry.missed;
  entry.served = newest;
  take_slot(entry, slot_after_served(entry));
}

void Schedule::run_now(InstanceId id, Instant now) {
  auto& entry = at(id);
  if (!entry.wanted) entry.wanted = now;
  enqueue(id, entry);
}

void Schedule::hold(InstanceId id) {
  auto& entry = at(id);
  entry.held = true;
  entry.wanted.reset();
  enqueue(id, entry);
  call_next(entry.target);
}

void Schedule::release(InstanceId id, Instant now) {
  auto& entry = at(id);
  entry.held = false;
  make_regular(entry, now);
  if (!entry.running) {
    entry.slot = now;
    entry.due = now;
  }
  enqueue(id, entry);
}

}  // namespace unity
