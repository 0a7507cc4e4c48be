#include "unity/core/engine/schedule.hpp"

#include <algorithm>
#include <cassert>

namespace unity {
namespace {

// An operator's run comes before everything that waits for room.
constexpr Instant kBeforeAll = Instant::min();

// Rounds towards the past, also before the start.
Duration floor_to(Duration value, Duration step) {
  auto steps = value / step;
  if (value % step < Duration::zero()) --steps;
  return steps * step;
}

}  // namespace

Schedule::Schedule(Instant now, Duration since_epoch, std::size_t max_per_target)
    : anchor_(now), anchor_since_epoch_(since_epoch), max_per_target_(max_per_target) {}

void Schedule::add(InstanceId id, const ScheduleSpec& spec, Instant first) {
  assert(spec.interval >= std::chrono::milliseconds(1));
  assert(spec.jitter < spec.interval);
  if (id >= entries_.size()) entries_.resize(id + std::size_t{1});
  auto& entry = at(id);
  assert(!entry.present);
  entry = {};
  entry.present = true;
  entry.spec = spec;
  if (!spec.target.empty()) entry.target = &targets_[spec.target];
  entry.slot = first;
  entry.due = first;
  grid_.add(spec.interval);
  entry.random.seed(static_cast<std::uint32_t>(spec.slot_hash | 1));
  enqueue(id, entry);
}

void Schedule::remove(InstanceId id) {
  auto& entry = at(id);
  assert(entry.present && !entry.running);
  leave_line(id, entry);
  queue_.erase(id);
  call_next(entry.target);
  grid_.remove(entry.spec.interval);
  entry = {};
}

void Schedule::change(InstanceId id, const ScheduleSpec& spec, Instant first) {
  const auto missed = at(id).missed;
  const bool held = at(id).held;
  const auto wanted = at(id).wanted;
  remove(id);
  add(id, spec, first);
  auto& entry = at(id);
  entry.missed = missed;
  entry.held = held;
  entry.wanted = wanted;
  enqueue(id, entry);
}

Duration Schedule::step(const Entry& entry) { return entry.spec.interval * entry.pace.factor(); }

Duration Schedule::slot_offset(const ScheduleSpec& spec) const {
  if (spec.align) return Duration::zero();
  return grid_.offset(spec.interval, spec.slot_hash, spec.host_hash);
}

Instant Schedule::slot_from(const Entry& entry, Instant at) const {
  const auto interval = entry.spec.interval;
  const auto offset = slot_offset(entry.spec);
  // The grid is { offset + k * interval } on the wall clock.
  const Duration wall = anchor_since_epoch_ + (at - anchor_) - offset;
  const Duration passed = wall - floor_to(wall, interval);
  return passed == Duration::zero() ? at : at + (interval - passed);
}

// The very first run may come shortly before a slot, and a clock may have moved the grid: at least
// half an interval is left between two runs.
Instant Schedule::slot_after_served(const Entry& entry) const {
  const auto next = entry.served + step(entry) - entry.spec.interval / 2 + Duration(1);
  return slot_from(entry, std::max(next, entry.not_before));
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

std::vector<Schedule::Due> Schedule::take_due(Instant now, std::size_t room) {
  std::vector<Due> due;
  while (due.size() < room && !queue_.empty() && *queue_.next() <= now) {
    const auto id = queue_.first();
    auto& entry = at(id);
    queue_.erase(id);
    if (entry.target != nullptr && entry.target->running >= max_per_target_) {
      auto& line = entry.target->waiting;
      line.insert(entry.wanted ? line.begin() : line.end(), id);
      entry.in_line = true;
      continue;
    }
    due.push_back(begin(id, entry, now));
  }
  return due;
}

Schedule::Due Schedule::begin(InstanceId id, Entry& entry, Instant now) {
  Due due{id, entry.due, entry.trigger, {}};
  if (entry.wanted) {
    due = {id, *entry.wanted, Trigger::manual, {}};
    entry.wanted.reset();
  }
  const bool regular = entry.standing == Standing::regular && !entry.held;
  if (regular && now >= entry.slot) {
    // Whatever it was meant to be, it is the run of the newest slot.
    const auto over = passed(entry, now);
    if (over > 0 || due.trigger == Trigger::retry) due.due = entry.slot;
    if (over > 0) due.due += static_cast<Duration::rep>(over) * step(entry);
    if (due.trigger == Trigger::retry) due.trigger = Trigger::schedule;
    entry.missed += over;
    // Those that passed while what it emitted was being accepted are not for want of room.
    missed_for_room_ += over - std::min(over, passed(entry, entry.accepted));
    entry.served = entry.slot + static_cast<Duration::rep>(over) * step(entry);
    entry.not_before = {};
    entry.retry = {};
    take_slot(entry, slot_after_served(entry));
  }
  due.next_slot = entry.slot;
  entry.running_as = due.trigger;
  entry.running = true;
  if (entry.target != nullptr) ++entry.target->running;
  return due;
}

std::optional<InstanceId> Schedule::next_slot_of() const {
  if (queue_.empty()) return std::nullopt;
  const auto& entry = at(queue_.first());
  const bool certain = entry.standing == Standing::regular && !entry.wanted &&
                       entry.trigger == Trigger::schedule && entry.target == nullptr;
  return certain ? std::optional(queue_.first()) : std::nullopt;
}

std::uint64_t Schedule::passed(const Entry& entry, Instant now) {
  if (now < entry.slot) return 0;
  return static_cast<std::uint64_t>((now - entry.slot) / step(entry));
}

void Schedule::enqueue(InstanceId id, Entry& entry) {
  leave_line(id, entry);
  if (entry.running) return queue_.erase(id);
  if (entry.wanted) return queue_.set(id, kBeforeAll);
  if (entry.held || entry.standing == Standing::parked) return queue_.erase(id);
  queue_.set(id, entry.due);
}

void Schedule::leave_line(InstanceId id, Entry& entry) {
  if (!entry.in_line) return;
  std::erase(entry.target->waiting, id);
  entry.in_line = false;
}

void Schedule::free_target(Entry& entry) {
  if (entry.target == nullptr) return;
  --entry.target->running;
  call_next(entry.target);
}

void Schedule::call_next(Target* target) {
  if (target == nullptr || target->waiting.empty() || target->running >= max_per_target_) return;
  const auto next = target->waiting.front();
  enqueue(next, at(next));
}

void Schedule::anchor(Instant now, Duration since_epoch) {
  // Two clocks are never read at quite the same moment.
  constexpr Duration tolerance = std::chrono::milliseconds(1);
  if (abs(since_epoch - (anchor_since_epoch_ + (now - anchor_))) < tolerance) return;
  anchor_ = now;
  anchor_since_epoch_ = since_epoch;
}

void Schedule::clock_changed(Instant now, Duration since_epoch) {
  anchor(now, since_epoch);
  for (InstanceId id = 0; id < entries_.size(); ++id) {
    auto& entry = entries_[id];
    // What is due already runs anyway, and what runs now takes its slot afterwards.
    if (!entry.present || entry.running || entry.slot <= now) continue;
    const auto earliest = std::max(now, entry.served + entry.spec.interval / 2);
    const auto slot = slot_from(entry, std::max(earliest, entry.not_before));
    if (entry.trigger == Trigger::schedule) {
      take_slot(entry, slot);
    } else {
      entry.slot = slot;
    }
    enqueue(id, entry);
  }
}

Standing Schedule::standing(InstanceId id) const {
  const auto& entry = at(id);
  return entry.held ? Standing::held : entry.standing;
}

std::uint64_t Schedule::missed(InstanceId id, Instant now) const {
  const auto& entry = at(id);
  const bool goes_on = entry.running && entry.spec.continuous;
  if (goes_on || entry.held || entry.standing != Standing::regular) return entry.missed;
  return entry.missed + passed(entry, now);
}

Schedule::View Schedule::view(InstanceId id, Instant now) const {
  const auto& entry = at(id);
  View view;
  view.standing = standing(id);
  if (!entry.running && entry.wanted) view.next_run = now;
  if (!entry.running &&
      (view.standing == Standing::regular || view.standing == Standing::probing)) {
    view.next_run = entry.due;
  }
  view.interval = step(entry);
  view.pace_reason = entry.pace.reason(entry.spec.interval);
  view.failed_slots = entry.pace.failed_slots();
  view.missed = missed(id, now);
  return view;
}

}  // namespace unity
