// Drives the schedule: starts runs when they are due, ends those past their deadline, and passes
// what they emitted to delivery. Lives on the control thread; plugins run on the worker pool.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "delivery/delivery.hpp"
#include "runtime/collector_disposal.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/inbox.hpp"
#include "runtime/instance.hpp"
#include "runtime/taps.hpp"
#include "runtime/worker_pool.hpp"
#include "unity/core/engine/audit_trail.hpp"
#include "unity/core/engine/clock_watch.hpp"
#include "unity/core/engine/load_watch.hpp"

namespace unity::host {

struct RunnerOptions {
  std::size_t max_concurrent = 10;
  std::size_t max_per_target = 1;
  bool run_metrics = true;         // a record of the host's own for each run
  std::uint64_t first_run_id = 1;  // ids are counted from here
  std::set<std::string> paused;    // by an operator; ids that are not configured may come yet
  // A first run failed and `on_start_error: error` says that the host must end. Control thread.
  std::function<void(std::string reason)> on_fatal;
  const Taps* taps = nullptr;  // who watches records on their way, if anybody may
  // Told of every run that has ended. Control thread.
  std::function<void(const RunFacts&)> on_run;
  // Given from time to time what the pipeline of an instance remembers. Any thread.
  std::function<void(const std::string& instance, std::string state)> keep_state;
  // A change on trial was taken back. Control thread.
  std::function<void(const std::string& instance, const std::string& reason)> on_rollback;
  // A change that was to be on trial stays: it has proved itself, or there was nothing better to
  // go back to. Control thread.
  std::function<void(const std::string& instance)> on_proven;
};

class Runner {
 public:
  Runner(EventLoop& loop, WorkerPool& pool, Delivery& delivery, std::vector<Instance> instances,
         RunnerOptions options);
  ~Runner();  // not while the pool is in a run of ours

  // Begins: the first instance at once, the others spread over the shortest of a second and
  // their intervals, then each in its slot.
  void start();

  // Starts no more runs, cancels those in flight and calls `done` once none is left or `grace`
  // has passed, with the ids of the instances that are still running.
  void stop(Duration grace, std::function<void(std::vector<std::string>)> done);

  // After stop(): destroys the collectors that are not running. Returns the ids of those not
  // destroyed by `deadline`; then the process must leave by _exit.
  std::vector<std::string> destroy_collectors(Instant deadline);

  // The stages of a collector, remembering nothing; null if there is no such collector.
  std::unique_ptr<Pipeline> fresh_pipeline(std::string_view id) const;

  // Gives away what the pipelines of all instances remember whose runs have ended.
  void keep_states();

  // Adds, removes and replaces instances; the others do not notice. Runs in flight are waited
  // for, in the background.
  void apply(std::vector<InstanceChange> changes);

  // Errors: not_found, with the nearest id. `done` is called on the control thread, perhaps before
  // this returns: once the run has ended, or at once if the last success is younger than
  // `if_older`. Never if the host ends first.
  using RunNowDone = std::function<void(Result<RunOutcome>)>;
  Result<void> run_now(std::string_view id, std::optional<Duration> if_older, RunNowDone done);
  Result<void> pause(std::string_view id);
  Result<void> resume(std::string_view id);
  // By an operator; also those that are not configured at present.
  const std::set<std::string>& paused() const { return options_.paused; }

  // What there is to say of the versions of instances, by their ids; of the others, nothing.
  void set_notices(std::map<std::string, std::string> notices);

  std::vector<InstanceStatus> status() const;
  ScheduleStatus schedule_status() const;
  // For the table plugin_status: the worst of each plugin's instances.
  std::vector<PluginStatus> plugin_status() const;

 private:
  // How long before its time a run may be handed over to the pool.
  static constexpr Duration kEarly = std::chrono::milliseconds(100);

  // Who leaves `waiting` decides whether the run is made, who leaves `running` what becomes of one
  // that is at its deadline.
  enum class Phase : std::uint8_t { idle, waiting, revoked, running, returned, wedged };

  // Another version has to prove itself; until then the one before is kept.
  struct Trial {
    Instance before;
    int runs_left = 0;
  };

  struct Entry final : RunListener, std::enable_shared_from_this<Entry> {
    explicit Entry(Runner& owner) : runner(owner) {}
    std::optional<Instant> began() override;
    void ready() override { runner.stream_is_well(*this); }
    void emitted(std::vector<Emission> emissions, std::function<void()> done) override {
      runner.stream_emitted(*this, std::move(emissions), std::move(done));
    }
    void ended(RunResult result) override { runner.returned(*this, std::move(result)); }

    Runner& runner;
    InstanceId id = 0;

    // The run in flight, or the last one. From `waiting` until finished() it belongs to the thread
    // that makes the run, but for the phase and what must not change meanwhile.
    Run run;
    Instant due{};
    Instant end_wanted{};  // until then its end can wait to be seen, if it ends well
    Time started{};        // like the next two, of when it began
    Instant began_at{};
    Instant deadline{};
    std::atomic<Phase> phase = Phase::idle;
    bool running = false;    // until finished(): also while what it emitted is being accepted
    bool cancelled = false;  // its token was fired
    bool overdue = false;    // its deadline has passed; what it has left is the grace
    bool leaving = false;    // removed, but for its run in flight
    bool abandoned = false;  // wedged and replaced; nothing but its run knows it any more
    bool streams = false;    // the run in flight lasts as long as its source does
    Instant state_kept{};    // of the pipeline's thread: when its memory was given away last
    // The same, of a stream: when the control thread was told that it is well, and what it has
    // emitted since its run began.
    Instant well_told{};
    std::uint64_t streamed_records = 0;
    std::uint64_t streamed_bytes = 0;
    std::optional<Duration> last_took;
    Duration cpu{};

    Health health;
    Instance instance;
    Histogram took;
    std::vector<Condition> conditions;
    std::string switched_off;                 // by on_start_error: why
    std::unique_ptr<InstanceChange> pending;  // made once the run has ended
    std::unique_ptr<Trial> trial;             // of another version of its plugin
    std::string notice;                       // what became of the last one, if it failed
    std::optional<Duration> if_older;         // as it was said by who asked last
    std::vector<RunNowDone> waiting;          // for a run that has not begun
    std::vector<RunNowDone> answering;        // for the run in flight
  };
  using EntryPtr = std::shared_ptr<Entry>;

  struct Finished {
    EntryPtr entry;
    RunResult result;
    Instant ended;
    bool made = true;  // or revoked
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;  // of what was emitted
    // As the run has left them, if it can have changed any.
    std::optional<std::vector<Condition>> conditions = {};
  };

  void tick();
  void watch_clock(Instant now);
  void watch_load(Instant now);
  void start_due(Instant now);
  bool may_be_early() const;  // the next run of the schedule may be handed over before it is due
  bool has_room() const;
  Duration::rep work_bound() const;           // how much work in flight leaves room for more
  static bool in_plugin(const Entry& entry);  // or about to be
  void begin(const Schedule::Due& due, Instant now);
  bool arm();  // false if there is work to be done first

  static bool revoke(Entry& entry);  // the run in flight, if it was not begun
  void cancel(Entry& entry);         // the run in flight, unless that can be revoked
  void enforce_deadlines(Instant now);
  void give_up(Entry& entry);
  void kill_what_runs();
  // On a pool thread: turns what the run emitted into records and hands them over.
  using FinishedInbox = Inbox<Finished>;
  void returned(Entry& entry, RunResult&& result);
  void deliver(Finished&& finished);
  RunReport process(Entry& entry, std::vector<Emission>& emissions, const RunContext& of);
  void keep_state(Entry& entry, Instant now);
  // On the thread of a stream.
  void stream_emitted(Entry& entry, std::vector<Emission>&& emissions, std::function<void()> done);
  void stream_is_well(Entry& entry);
  void put(FinishedInbox& inbox, EventLoop& loop, Finished&& finished);  // any thread
  void leave_room(Duration expected);                                    // any thread

  void finished(Finished& finished, Instant now);
  void after_revoked(Entry& entry, Instant now);
  void record(Entry& entry, const RunResult& result);
  static RunFacts facts_of(const Entry& entry);
  void tell(const Entry& entry, const Finished& one) const;
  HealthState state(const Entry& entry) const;
  void log_change(const Entry& entry, HealthState before);
  void apply_start_policy(Entry& entry, const RunResult& result);
  void answer(Entry& entry, const Finished& finished);
  void refuse_waiting(Entry& entry, const char* why);

  Result<EntryPtr> find(std::string_view id) const;
  Entry& make_entry(Instance instance);
  void schedule(const Entry& entry, Instant first);
  void remove(Entry& entry);
  void replace(Entry& entry, InstanceChange change);
  void install(Entry& entry, InstanceChange change);
  void judge_trial(Entry& entry, const RunResult& result);
  void end_trial(Entry& entry);
  void roll_back(Entry& entry, const RunResult& result);
  void abandon(Entry& entry);  // its run is wedged
  void release(Entry& entry);  // nothing of it runs any more
  void finish_stop();

  EventLoop& loop_;
  WorkerPool& pool_;
  Delivery& delivery_;
  RunnerOptions options_;
  std::vector<EntryPtr> entries_;  // by InstanceId; null: free
  std::vector<InstanceId> free_ids_;
  std::map<std::string, InstanceId, std::less<>> ids_;  // without those that leave
  std::vector<EntryPtr> abandoned_;
  Schedule schedule_;
  DueQueue deadlines_;
  std::shared_ptr<FinishedInbox> inbox_ = std::make_shared<FinishedInbox>();
  std::vector<Finished> finished_;  // taken from the inbox
  CollectorDisposal disposal_;
  Timer timer_;
  Instant armed_{};  // when timer_ fires, if it is set
  Timer stop_timer_;
  // Of the runs in flight that are on the pool, without the wedged: how many there are, and how
  // long they may take together.
  std::atomic<std::size_t> in_flight_ = 0;
  std::atomic<Duration::rep> work_in_flight_ = 0;
  std::atomic<bool> starving_ = false;  // runs are due and there is no room
  std::uint64_t next_run_id_;
  std::function<void(std::vector<std::string>)> stopped_;  // set once stopping

  ClockWatch clock_;
  Instant clock_looked_{};
  LoadWatch load_;
  ScheduleStatus totals_;
};

}  // namespace unity::host
