// Drives the schedule: starts runs when they are due, ends those past their deadline, and passes
// what they emitted to delivery. Lives on the control thread; plugins run on the worker pool.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "delivery/delivery.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/worker_pool.hpp"
#include "unity/core/engine/health.hpp"
#include "unity/core/engine/pipeline.hpp"
#include "unity/core/engine/schedule.hpp"
#include "unity/core/ports/collector.hpp"

namespace unity::host {

// One configured collector as the runner needs it.
struct Instance {
  std::string id;
  std::string plugin;
  ScheduleSpec schedule;
  Duration timeout{};
  Duration cancel_grace{};
  std::shared_ptr<const Origin> origin;
  Tags tags;
  std::unique_ptr<Collector> collector;
  std::unique_ptr<Pipeline> pipeline;
};

// What `status` tells of an instance.
struct InstanceStatus {
  std::string id;
  std::string plugin;
  Health health;
  std::uint64_t missed = 0;
  bool running = false;
  Duration interval{};
  Duration last_took{};
  std::optional<Time> next_run;
};

class Runner {
 public:
  Runner(EventLoop& loop, WorkerPool& pool, Delivery& delivery, std::vector<Instance> instances,
         std::size_t max_concurrent);
  ~Runner();

  // Begins: the first instance at once, the others spread over the shortest of a second and
  // their intervals, then each in its slot.
  void start();

  // Starts no more runs, cancels those in flight and calls `done` once none is left or `grace`
  // has passed, with the ids of the instances that are still running.
  void stop(Duration grace, std::function<void(std::vector<std::string>)> done);

  // After stop(): destroys the collectors that are not running, on a thread of its own, because a
  // plugin may hang in that as well. Returns the ids of those not destroyed by `deadline`; then
  // the process must leave by _exit.
  std::vector<std::string> destroy_collectors(Instant deadline);

  std::vector<InstanceStatus> status() const;

 private:
  struct Entry {
    Instance instance;
    Health health;
    Run run;                        // the one in flight, or the last
    std::uint64_t deadline_id = 0;  // run that was cancelled for its deadline
    bool running = false;
    bool wedged = false;
    Duration last_took{};
  };

  void tick();
  void arm();
  void begin(InstanceId id, Trigger trigger);
  void enforce_deadline(Entry& entry, Instant now);
  // On a pool thread: turns what the run emitted into records and hands them over.
  void conclude(InstanceId id, Entry& entry, const Run& run, Instant began, RunResult result);
  void finished(InstanceId id, RunResult result);
  void finish_stop();

  EventLoop& loop_;
  WorkerPool& pool_;
  Delivery& delivery_;
  std::vector<Entry> entries_;  // by InstanceId; never grows after the start
  Schedule schedule_;
  Timer timer_;
  Timer stop_timer_;
  std::size_t max_concurrent_;
  std::size_t in_flight_ = 0;  // without the wedged
  std::uint64_t next_run_id_ = 1;
  std::function<void(std::vector<std::string>)> stopped_;  // set once stopping
};

}  // namespace unity::host
