#include "app/plugin_host.hpp"

#include <fmt/format.h>

#include "log/log.hpp"
#include "plugin/bundled.hpp"
#include "plugin/plugin_library.hpp"
#include "workers/confinement_of.hpp"

namespace unity::host {

Isolation isolation_of(const InstancePlan& plan) {
  const auto& wanted = plan.config->isolation;
  if (wanted == "inline") return Isolation::inside;
  if (wanted == "dedicated") return Isolation::dedicated;
  if (wanted == "pooled" || is_bundled(plan.plugin->hash)) return Isolation::pooled;
  return Isolation::dedicated;
}

std::string_view isolation_text(Isolation isolation) {
  switch (isolation) {
    case Isolation::inside:
      return "inline";
    case Isolation::pooled:
      return "pooled";
    case Isolation::dedicated:
      return "dedicated";
  }
  return "dedicated";
}

PluginHost::PluginHost(const Workers::Options& options, PluginStores& stores, Executor executor)
    : stores_(stores), workers_(options), executor_(std::move(executor)) {}

Result<std::shared_ptr<const PluginImage>> PluginHost::image_of(const InstancePlan& plan) {
  const std::lock_guard lock(mutex_);
  auto& known = images_[plan.plugin->hash];
  if (!known) {
    auto sealed = PluginImage::seal(*plan.plugin);
    if (!sealed) return sealed;
    known = *sealed;
  }
  return known;
}

void PluginHost::forget_images() {
  const std::lock_guard lock(mutex_);
  images_.clear();
  confinements_.clear();
}

Result<void> PluginHost::load(const std::vector<InstancePlan>& plans) {
  for (const auto& plan : plans) {
    if (auto loaded = load(plan); !loaded) return loaded;
  }
  return {};
}

Result<void> PluginHost::load(const InstancePlan& plan) {
  const auto image = image_of(plan);
  if (!image) return image.error();
  auto& quarantine = workers_.quarantine();
  if (const auto scanned = workers_.scan(*image); !scanned) {
    // Its collectors will say so.
    return quarantine.reason((*image)->hash) ? Result<void>() : scanned;
  }
  if (const auto confinement = confine(plan); !confinement) return confinement.error();
  if (isolation_of(plan) != Isolation::inside) return {};
  blame_for_the_host(plan, **image);
  if (quarantine.reason((*image)->hash)) return {};
  workers_.watch_host();
  const auto loaded = load_into_host(*image);
  return loaded ? Result<void>() : loaded.error();
}

// Once for each crash: what was left behind was taken when the host started.
void PluginHost::blame_for_the_host(const InstancePlan& plan, const PluginImage& image) {
  for (const auto& one : workers_.left_behind()) {
    if (one.instance != plan.config->id || !one.in_host || !one.crashed) continue;
    if (!blamed_.insert(one.instance).second) continue;
    Offence offence;
    offence.instance = one.instance;
    offence.signal = one.signal;
    offence.reason = fmt::format("it ended the host during {}(): signal {} in its run {} at {}",
                                 one.phase, one.signal, one.run, to_rfc3339(one.started));
    offence.backtrace = one.backtrace;
    log_error("collector {}: {}", one.instance, offence.reason);
    workers_.quarantine().offend(image, std::move(offence));
  }
}

Result<worker::Confinement> PluginHost::confine(const InstancePlan& plan) {
  const auto& limits = plan.config->limits;
  const auto same = fmt::format("{}\n{} {} {} {}", to_text(plan.permissions), limits.memory,
                                limits.files, to_text(limits.cpu), limits.processes);
  const std::lock_guard lock(mutex_);
  if (const auto known = confinements_.find(same); known != confinements_.end()) {
    return known->second;
  }
  auto made = confinement_of(plan.permissions, limits);
  if (made) confinements_.emplace(same, *made);
  return made;
}

Result<void> PluginHost::join_pool(const std::vector<InstancePlan>& plans) {
  std::optional<Permissions> permissions;
  WorkerLimits limits;
  for (const auto& plan : plans) {
    if (isolation_of(plan) != Isolation::pooled) continue;
    const auto& own = plan.config->limits;
    limits = permissions ? unite_limits(limits, own) : own;
    permissions =
        permissions ? unite_permissions(*permissions, plan.permissions) : plan.permissions;
  }
  if (!permissions) return {};
  if (pool_ && *permissions == pool_permissions_ && limits == pool_limits_) return {};
  auto confinement = confinement_of(*permissions, limits);
  if (!confinement) return confinement.error();
  // Those that are in the old one stay there for as long as they live.
  pool_ = std::make_shared<PooledWorker>(workers_, std::move(*confinement));
  pool_permissions_ = std::move(*permissions);
  pool_limits_ = limits;
  return {};
}

std::unique_ptr<Collector> PluginHost::make(const InstancePlan& plan,
                                            const std::string& log_level) {
  const auto image = *image_of(plan);  // loaded before, hence there
  const bool streaming = plan.collector->streaming;
  HostServices::Spec served{plan.config->id, plugin_log_level(log_level)};
  if (plan.permissions.secrets) served.secrets = plan.secrets;
  served.state_quota = plan.permissions.state;
  auto services =
      std::make_shared<HostServices>(std::move(served), stores_.memory, stores_.secrets);
  const auto checkpoint = [&memory = stores_.memory, id = plan.config->id] {
    return memory.checkpoint(id);
  };
  InstanceSpec instance{plan.config->id, plan.collector->name, plan.options, {}};
  const auto isolation = isolation_of(plan);
  // In quarantine it was not loaded: a worker collector says so without running it, and runs it in
  // a process of its own if it is released.
  if (isolation == Isolation::inside && !workers_.quarantine().reason(image->hash)) {
    if (const auto library = load_into_host(image)) {
      return std::make_unique<InlineCollector>(
          InlineCollector::Spec{*library, std::move(instance), streaming, std::move(services),
                                checkpoint, workers_.host_page()},
          executor_);
    }
  }
  WorkerCollector::Spec spec;
  spec.image = image;
  spec.instance = std::move(instance);
  spec.streaming = streaming;
  spec.services = std::move(services);
  spec.checkpoint = checkpoint;
  spec.confinement = *confine(plan);  // made before, hence there
  if (isolation == Isolation::pooled) spec.pool = pool_;
  return std::make_unique<WorkerCollector>(std::move(spec), workers_, executor_);
}

}  // namespace unity::host
