#include "unity/core/engine/schedule.hpp"

#include <algorithm>
#include <cassert>

namespace unity {
namespace {

// Rounds towards the past, also before the start.
Duration floor_to(Duration value, Duration step) {
  auto steps = value / step;
  if (value % step < Duration::zero()) --steps;
  return steps * step;
}

}  // namespace

void Schedule::add(InstanceId id, const ScheduleSpec& spec, Instant first) {
  assert(spec.interval >= std::chrono::milliseconds(1));
  assert(spec.jitter < spec.interval);
  Entry entry;
  entry.spec = spec;
  entry.slot = first;
  entry.due = first;
  entry.random.seed(static_cast<std::uint32_t>(spec.slot_hash | 1));
  const bool added = entries_.emplace(id, entry).second;
  assert(added);
  (void)added;
}

Instant Schedule::slot_from(const Entry& entry, Instant at) const {
  const auto interval = entry.spec.interval;
  const auto offset =
      entry.spec.align ? Duration::zero()
                       : Duration(static_cast<Duration::rep>(
                             entry.spec.slot_hash % static_cast<std::uint64_t>(interval.count())));
  // The grid is { offset + k * interval } on the wall clock as it was at the start.
  const Duration wall = start_since_epoch_ + (at - start_) - offset;
  const Duration passed = wall - floor_to(wall, interval);
  return passed == Duration::zero() ? at : at + (interval - passed);
}

void Schedule::take_slot(Entry& entry, Instant slot) {
  entry.slot = slot;
  entry.due = slot;
  entry.trigger = Trigger::schedule;
  if (entry.spec.jitter > Duration::zero()) {
    std::uniform_int_distribution<Duration::rep> draw(0, entry.spec.jitter.count());
    entry.due += Duration(draw(entry.random));
  }
}

void Schedule::skip_passed(Entry& entry, Instant now) {
  const auto passed = (now - entry.slot) / entry.spec.interval;
  if (now < entry.slot || passed == 0) return;
  entry.missed += static_cast<std::uint64_t>(passed);
  take_slot(entry, entry.slot + passed * entry.spec.interval);
}

std::vector<Schedule::Due> Schedule::take_due(Instant now, std::size_t room) {
  std::vector<Due> due;
  for (auto& [id, entry] : entries_) {
    if (entry.parked || now < entry.due) continue;
    skip_passed(entry, now);
    if (!entry.running && entry.due <= now) due.push_back({id, entry.due, entry.trigger});
  }
  std::sort(due.begin(), due.end(), [](const Due& a, const Due& b) { return a.due < b.due; });
  if (due.size() > room) due.resize(room);
  for (const auto& started : due) begin(entries_.at(started.id));
  return due;
}

void Schedule::begin(Entry& entry) {
  entry.running = true;
  if (entry.trigger == Trigger::retry) {
    take_slot(entry, entry.slot);  // the slot that the retry came before
    return;
  }
  entry.retry = {};
  // The very first run may come shortly before a slot: leave at least half an interval between.
  take_slot(entry, slot_from(entry, entry.slot + entry.spec.interval / 2 + Duration(1)));
}

void Schedule::finished(InstanceId id, const RunResult& result, Instant now) {
  auto& entry = entries_.at(id);
  assert(entry.running);
  entry.running = false;
  skip_passed(entry, now);
  const auto decision = decide_retry(entry.spec.retry, entry.retry, result, entry.spec.interval);
  switch (decision.action) {
    case RetryDecision::Action::regular:
      break;
    case RetryDecision::Action::retry:
      if (now + decision.delay < entry.due) {
        entry.due = now + decision.delay;
        entry.trigger = Trigger::retry;
      }
      break;
    case RetryDecision::Action::defer:
      // Slots before that moment are given up on request; they are not missed.
      if (entry.due < now + decision.delay) {
        take_slot(entry, slot_from(entry, now + decision.delay));
      }
      break;
    case RetryDecision::Action::park:
      entry.parked = true;
      break;
  }
}

std::optional<Instant> Schedule::next_due() const {
  std::optional<Instant> next;
  for (const auto& [id, entry] : entries_) {
    if (entry.parked || entry.running) continue;
    if (!next || entry.due < *next) next = entry.due;
  }
  return next;
}

std::optional<Instant> Schedule::next_run(InstanceId id) const {
  const auto& entry = entries_.at(id);
  if (entry.parked || entry.running) return std::nullopt;
  return entry.due;
}

}  // namespace unity
