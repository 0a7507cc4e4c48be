// The Collector port over a plugin in a worker process. A thread of the pool makes each run, as
// it would inline, but what it waits for is an answer, which always comes: the plugin's, or that
// its process is gone.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "plugin/inline_collector.hpp"
#include "plugin/stream_flow.hpp"
#include "unity/core/ports/collector.hpp"
#include "workers/workers.hpp"

namespace unity::host {

class WorkerCollector : public Collector {
 public:
  struct Spec {
    std::shared_ptr<const PluginImage> image;
    InstanceSpec instance;
    bool streaming = false;
    std::shared_ptr<PluginServices> services;
    worker::Confinement confinement;     // of its own process
    std::shared_ptr<PooledWorker> pool;  // null: it has a process of its own
    // How far the collector is, as far as that is durable: it begins there.
    std::function<std::string()> checkpoint;
  };

  // `workers` outlives this.
  WorkerCollector(Spec spec, Workers& workers, Executor executor);
  ~WorkerCollector() override;  // at most a second

  void start(const Run& run, RunListener& listener) override;
  void cancel() override;
  bool kill(const std::string& reason) override;
  bool streams() const override { return spec_.streaming; }
  void change_options(std::string options) override { next_options_ = std::move(options); }

 private:
  // What a call came to: an answer, or the end of its worker.
  struct Answer {
    std::optional<ResultMessage> result;
    std::uint32_t lane = 0;
  };

  static RunResult failed(RunClass run_class, std::string message);
  void run();
  RunResult make_run(Instant deadline);
  // Has the plugin take other options, or makes it anew with them. Nothing: it is as it must be.
  std::optional<RunResult> take_next_options(Instant deadline);
  void destroy_instance();  // if there is one; the next call makes another
  // `options`: for reconfigure.
  RunResult call(CallKind kind, Instant deadline, const std::string& options = {});
  // Sees to it that there is a worker with the instance in it. Errors: as Worker's; refused: the
  // run was cancelled.
  Result<void> prepare();
  Result<void> load();
  Answer exchange(Worker::Lane& lane, CallKind kind, Instant deadline, const std::string& options);
  std::optional<ResultMessage> receive(Worker::Lane& lane);
  bool enter(Worker::Lane& lane);  // false: the run was cancelled before
  void leave();
  // `lane`: of its call. Nothing: the run is to be made again, as another's fault ended it.
  std::optional<RunResult> after_end(std::uint32_t lane);
  // Whether somebody else's call, or another plugin, has ended the pooled worker.
  bool is_of_others(const WorkerEnd& end, std::uint32_t lane) const;
  void leave_pool(const std::string& why);
  // The worker has ended while no call of ours was in it.
  void after_end_between();
  void after_end_in_destroy(std::uint32_t lane);
  Offence offence(const std::optional<WorkerEnd>& end, std::string_view when) const;
  // Counts and logs it. True if the file is in quarantine now.
  bool blame(Offence offence);
  RunResult quarantined() const;
  RunResult finish(ResultMessage&& message);
  void note_denials(ResultMessage& message);

  Spec spec_;
  Workers& workers_;
  Executor executor_;
  Run run_;
  RunListener* listener_ = nullptr;
  std::thread stream_;
  std::shared_ptr<StreamFlow> flow_;

  // Of the thread that makes the run.
  std::shared_ptr<Worker> worker_;
  std::uint32_t instance_ = 0;  // in it; 0: none yet
  std::optional<std::string> next_options_;
  bool unsupported_ = false;         // the last reconfigure()
  std::shared_ptr<Worker> undying_;  // was killed and does not die
  int ends_in_a_row_ = 0;
  int unknown_ends_ = 0;                // of the pooled worker
  std::string ended_between_;           // before this run, and how
  std::vector<std::string> denied_;     // that were told
  std::vector<std::string> backtrace_;  // the same

  std::mutex mutex_;
  Worker::Lane* lane_ = nullptr;     // of the call in flight
  std::shared_ptr<Worker> loading_;  // what the run waits for until its call has a lane
  bool cancelled_ = false;           // the run in flight
};

}  // namespace unity::host
