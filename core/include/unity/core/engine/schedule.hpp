// Decides when each collector instance runs. Knows nothing of threads, timers or clocks: the
// caller says what time it is, so every case can be tested without sleeping.
//
// Each instance owns a stable slot within its interval, so that neither one host nor a fleet of
// them collects everything at the same moment. Slots never drift; jitter is drawn anew around each.
// What waits for room keeps its place in the line, whatever its interval is.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/core/engine/due_queue.hpp"
#include "unity/core/engine/pace.hpp"
#include "unity/core/engine/retry.hpp"
#include "unity/core/engine/slot_grid.hpp"
#include "unity/core/ports/collector.hpp"

namespace unity {

// What becomes of the slots that come while a run of the same instance is still going on.
enum class OnOverrun : std::uint8_t {
  skip,      // they are missed; the next run takes the next slot
  coalesce,  // one run at once stands for all of them
};

struct ScheduleSpec {
  Duration interval{};  // at least a millisecond
  Duration jitter{};    // a run is due up to this long after its slot; below the interval
  bool align = false;   // slots at whole multiples of the interval instead of a hashed offset
  // Of (host, instance) and of the host: the same on every start.
  std::uint64_t slot_hash = 0;
  std::uint64_t host_hash = 0;
  OnOverrun on_overrun = OnOverrun::skip;
  // A run lasts as long as it can and slots are only for beginning anew: none is missed while one
  // goes on.
  bool continuous = false;
  std::string target;  // instances with the same one share Schedule's `max_per_target`
  RetryPolicy retry;
  PacePolicy pace;

  friend bool operator==(const ScheduleSpec&, const ScheduleSpec&) = default;
};

// What an instance may do.
enum class Standing : std::uint8_t {
  regular,  // takes its slots
  probing,  // failed too often: only probes, until one succeeds
  parked,   // failed for a reason that time does not heal; only an operator's run may follow
  held,     // paused by an operator until resumed
};

class Schedule {
 public:
  struct Due {
    InstanceId id;
    Instant due;  // when the run should have begun
    Trigger trigger;
    Instant next_slot = {};  // of the same instance
  };
  // What `status` tells of an instance.
  struct View {
    Standing standing = Standing::regular;
    std::optional<Instant> next_run;  // nothing while it runs, or if none will follow by itself
    Duration interval{};              // between runs at present
    std::string pace_reason;          // why that is not the configured one; or empty
    int failed_slots = 0;             // in a row
    std::uint64_t missed = 0;
  };

  // `since_epoch` is the wall clock at `now`: slots are anchored to it, so that they survive
  // restarts. At most `max_per_target` instances of one target run at a time.
  Schedule(Instant now, Duration since_epoch, std::size_t max_per_target = SIZE_MAX);

  // Adds an instance. Its first run is due at `first`, after that it takes its slots.
  void add(InstanceId id, const ScheduleSpec& spec, Instant first);
  void remove(InstanceId id);  // not while it runs
  // Another spec for an instance that does not run: it begins anew, but for what it missed.
  void change(InstanceId id, const ScheduleSpec& spec, Instant first);

  // The instances to start now, the longest due first, at most `room`; each is then running until
  // finished(). What finds no room waits. A slot that waited until the next one came is missed:
  // runs of one instance neither overlap nor pile up.
  std::vector<Due> take_due(Instant now, std::size_t room);

  // The run of `id` ended at `ended`, which may be a while ago: what it emitted had to be accepted
  // first, which it is `now`. Decides between the regular slot, an earlier retry, a later one, a
  // probe and none.
  void finished(InstanceId id, const RunResult& result, Instant ended, Instant now);
  void finished(InstanceId id, const RunResult& result, Instant ended) {
    finished(id, result, ended, ended);
  }

  // An operator's wishes. A run is made as soon as there is room, also of an instance that takes
  // no slots; release() makes the instance regular, whatever it was, and runs it.
  void run_now(InstanceId id, Instant now);
  void hold(InstanceId id);
  void release(InstanceId id, Instant now);

  // The wall clock moves slowly away from where the steady one thinks it is: the slots after the
  // next follow it.
  void anchor(Instant now, Duration since_epoch);
  // It was set, or the machine slept: all slots are laid out anew. An instance that waits for its
  // slot runs at most one and a half intervals after its last run, and not sooner than a half.
  void clock_changed(Instant now, Duration since_epoch);

  // When take_due() will next have something to give, if it is given room.
  std::optional<Instant> next_due() const { return queue_.next(); }
  // What that is, if nothing but the time can keep it from running: a slot of an instance that
  // shares no target.
  std::optional<InstanceId> next_slot_of() const;

  View view(InstanceId id, Instant now) const;
  Standing standing(InstanceId id) const;
  bool stretched(InstanceId id) const { return at(id).pace.factor() > 1; }
  std::uint64_t missed(InstanceId id, Instant now) const;
  // Over all instances: slots that were missed because there was no room for their runs.
  std::uint64_t missed_for_room() const { return missed_for_room_; }

 private:
  struct Target {
    std::size_t running = 0;
    std::deque<InstanceId> waiting;  // due, the longest first
  };
  struct Entry {
    ScheduleSpec spec;
    Target* target = nullptr;
    Instant served;                       // the slot of the last regular run
    Instant accepted{};                   // when that was over, with what it emitted
    Instant slot;                         // the next one, without jitter
    Instant due;                          // the slot with jitter, or a retry or probe before it
    Trigger trigger = Trigger::schedule;  // of the next run
    Trigger running_as = Trigger::schedule;
    bool present = false;
    bool running = false;
    bool held = false;
    bool in_line = false;  // waits in target->waiting
    Standing standing = Standing::regular;
    std::optional<Instant> wanted;  // by an operator, since then
    Instant not_before{};           // the plugin asked for time
    RetryState retry;
    Pace pace;
    std::uint64_t missed = 0;
    std::minstd_rand random;
  };

  Entry& at(InstanceId id) { return entries_.at(id); }
  const Entry& at(InstanceId id) const { return entries_.at(id); }
  static Duration step(const Entry& entry);  // between the runs of an instance at present
  Duration slot_offset(const ScheduleSpec& spec) const;  // in the interval
  // The first slot of the entry's grid that is not before `at`.
  Instant slot_from(const Entry& entry, Instant at) const;
  Instant slot_after_served(const Entry& entry) const;
  static void take_slot(Entry& entry, Instant slot);
  Due begin(InstanceId id, Entry& entry, Instant now);
  // How many runs of the entry are over, so that they will not be made.
  static std::uint64_t passed(const Entry& entry, Instant now);
  void decide(Entry& entry, const RunResult& result, Instant ended);
  void decide_probe(Entry& entry, const RunResult& result, Instant ended);
  void decide_manual(Entry& entry, const RunResult& result, Instant ended);
  void make_regular(Entry& entry, Instant served);
  void make_regular_slot(Entry& entry, Instant served);
  void slot_ended(Entry& entry, bool succeeded, Instant ended);
  void skip_overrun(Entry& entry, Instant ended);
  void enqueue(InstanceId id, Entry& entry);  // or not, as its state demands
  void leave_line(InstanceId id, Entry& entry);
  void free_target(Entry& entry);
  void call_next(Target* target);  // of those that wait in its line, if it has room

  Instant anchor_;
  Duration anchor_since_epoch_;
  std::size_t max_per_target_;
  std::vector<Entry> entries_;  // by id
  std::map<std::string, Target, std::less<>> targets_;
  SlotGrid grid_;
  DueQueue queue_;
  std::uint64_t missed_for_room_ = 0;
};

}  // namespace unity
