// Where collectors come from: knows where each plugin's code runs, sees to it that it can, and
// makes the collectors over it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "app/plan.hpp"
#include "plugin/host_services.hpp"
#include "plugin/inline_collector.hpp"
#include "workers/worker_collector.hpp"
#include "workers/workers.hpp"

namespace unity::host {

// Where a collector runs: as configured, else by who made its plugin.
enum class Isolation : std::uint8_t { inside, pooled, dedicated };
Isolation isolation_of(const InstancePlan& plan);
std::string_view isolation_text(Isolation isolation);

// What plugins ask of the host, for all of them.
struct PluginStores {
  PluginMemory memory;
  SecretStore secrets;
};

class PluginHost {
 public:
  // `executor` makes the runs of what it makes; `stores` outlives that.
  PluginHost(const Workers::Options& options, PluginStores& stores, Executor executor);

  // First contact with every plugin file of the plans, and the code of those that run inside.
  // Errors: invalid, naming the file that cannot be used. One in quarantine is no error: its
  // collectors say so. One thread at a time.
  Result<void> load(const std::vector<InstancePlan>& plans);
  Result<void> load(const InstancePlan& plan);  // one of them
  // What was loaded and not made stays no longer.
  void forget_images();

  // Needs a successful load() of the same plan.
  std::unique_ptr<Collector> make(const InstancePlan& plan, const std::string& log_level);
  // All plans that there are to be, before make() of any: those that are pooled share what all of
  // them may, and no more.
  Result<void> join_pool(const std::vector<InstancePlan>& plans);

  Workers& workers() { return workers_; }
  const Workers& workers() const { return workers_; }

 private:
  Result<std::shared_ptr<const PluginImage>> image_of(const InstancePlan& plan);

  PluginStores& stores_;
  Result<worker::Confinement> confine(const InstancePlan& plan);
  void blame_for_the_host(const InstancePlan& plan, const PluginImage& image);

  Workers workers_;
  Executor executor_;
  std::mutex mutex_;
  std::map<Sha256, std::shared_ptr<const PluginImage>> images_;  // loaded, and not made yet
  std::map<std::string, worker::Confinement> confinements_;      // of the same; it takes long
  std::set<std::string> blamed_;  // instances, for what an earlier host died of
  std::shared_ptr<PooledWorker> pool_;
  Permissions pool_permissions_;
  WorkerLimits pool_limits_;
};

}  // namespace unity::host
