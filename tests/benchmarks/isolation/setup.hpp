// What all measurements of isolation share: a plugin, the host's own classes around it, clocks and
// processors.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "plugin/inline_collector.hpp"
#include "support/temp_dir.hpp"
#include "workers/worker_collector.hpp"

namespace unity::host {

// Runs a collector's run on the thread that starts it, and keeps what it came to.
class Caller final : public RunListener {
 public:
  // Ends the program if the run did not come to `expected`.
  const RunResult& call(Collector& collector, RunClass expected = RunClass::ok);

  std::optional<Instant> began() override;
  void ended(RunResult result) override { result_ = std::move(result); }

 private:
  std::uint64_t calls_ = 0;
  RunResult result_;
};

class Setup {
 public:
  Setup(const std::string& plugin, const std::string& worker);

  Workers& workers() { return *workers_; }
  const std::shared_ptr<const PluginImage>& image() const { return image_; }
  // What a worker of the plugin is confined to: everything that can be.
  const worker::Confinement& confinement() const { return confinement_; }

  const std::shared_ptr<PluginServices>& services() const { return services_; }
  Keeper& keeper() { return *keeper_; }  // one that does not confine what it starts

  std::shared_ptr<PooledWorker> new_pool();
  // In a process of its own if `pool` is null.
  std::unique_ptr<Collector> in_worker(const InstanceSpec& instance,
                                       std::shared_ptr<PooledWorker> pool = nullptr);
  std::unique_ptr<Collector> in_process(const InstanceSpec& instance);

 private:
  test::TempDir folder_;
  std::shared_ptr<const PluginImage> image_;
  worker::Confinement confinement_;
  std::shared_ptr<PluginServices> services_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Keeper> keeper_;
};

InstanceSpec answering(int bytes, int answers = 0);

// Ends the program, saying why.
[[noreturn]] void give_up(const std::string& why);
template <class Value>
Value need(Result<Value> result) {
  if (!result) give_up(result.error().message);
  return std::move(*result);
}

// ---- clocks, in seconds
double now();
double cpu_of(pid_t process);  // 0: this one

// ---- processors
cpu_set_t all_processors();
// The n-th of those that this program may use; the last one if there are not as many.
cpu_set_t one_processor(int n);
int processor_count();
void place_thread(const cpu_set_t& where);
void place_process(pid_t process, const cpu_set_t& where);  // all threads that it has

// ---- numbers
double percentile(std::vector<double> values, double share);
std::string list(const std::vector<double>& values);  // as JSON

}  // namespace unity::host
