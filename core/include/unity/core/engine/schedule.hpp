// Decides when each collector instance runs. Knows nothing of threads, timers or the wall clock:
// the caller says what time it is, so every case can be tested without sleeping.
//
// Each instance owns a stable slot within its interval, so that neither one host nor a fleet of
// them collects everything at the same moment. The slots themselves never drift; jitter is drawn
// anew around each.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/core/engine/retry.hpp"
#include "unity/core/ports/collector.hpp"

namespace unity {

using InstanceId = std::uint32_t;

struct ScheduleSpec {
  Duration interval{};  // at least a millisecond
  Duration jitter{};    // a run is due up to this long after its slot; below the interval
  bool align = false;   // slots at whole multiples of the interval instead of a hashed offset
  std::uint64_t slot_hash = 0;  // of (host, instance): the same on every start
  RetryPolicy retry;
};

class Schedule {
 public:
  struct Due {
    InstanceId id;
    Instant due;  // when the run should have begun
    Trigger trigger;
  };

  // `since_epoch` is the wall clock at `now`: slots are anchored to it once, here, so that they
  // survive restarts; later changes of the clock move nothing.
  Schedule(Instant now, Duration since_epoch) : start_(now), start_since_epoch_(since_epoch) {}

  // Adds an instance. Its first run is due at `first`, after that it takes its slots.
  void add(InstanceId id, const ScheduleSpec& spec, Instant first);

  // The instances to start now, the longest due first, at most `room`; each is then running until
  // finished(). A slot that passes while its instance still runs, or while there is no room,
  // waits, and counts as missed once the next slot comes: runs of one instance neither overlap
  // nor pile up.
  std::vector<Due> take_due(Instant now, std::size_t room);

  // The run of `id` has ended. Decides between the regular slot, an earlier retry, a later one
  // (the plugin asked for time) and none at all.
  void finished(InstanceId id, const RunResult& result, Instant now);

  // When take_due() will next have something to give; nothing if every instance runs or is parked.
  std::optional<Instant> next_due() const;

  std::uint64_t missed(InstanceId id) const { return entries_.at(id).missed; }
  // Empty while the instance runs or is parked.
  std::optional<Instant> next_run(InstanceId id) const;
  // Parked: no more runs, because the last one ended in an error that time does not heal.
  bool parked(InstanceId id) const { return entries_.at(id).parked; }

 private:
  struct Entry {
    ScheduleSpec spec;
    Instant slot;  // the next slot, without jitter
    Instant due;   // the slot with jitter, or a retry before it
    Trigger trigger = Trigger::schedule;
    bool running = false;
    bool parked = false;
    RetryState retry;
    std::uint64_t missed = 0;
    std::minstd_rand random;
  };

  // The first slot of the entry's grid that is not before `at`.
  Instant slot_from(const Entry& entry, Instant at) const;
  void take_slot(Entry& entry, Instant slot);
  void begin(Entry& entry);
  // Counts the slots that passed unused and leaves the newest of them waiting.
  void skip_passed(Entry& entry, Instant now);

  Instant start_;
  Duration start_since_epoch_;
  std::map<InstanceId, Entry> entries_;
};

}  // namespace unity
