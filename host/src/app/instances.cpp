#include "app/instances.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include "unity/core/processors/registry.hpp"

namespace unity::host {
namespace {

// The same on every start and every machine, unlike std::hash.
std::uint64_t stable_hash(std::string_view text) {
  const auto hash = sha256(text);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8 | hash[i];
  return value;
}

// The kernel's own name of this start of the machine; empty if it does not say.
std::string boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id;
}

std::shared_ptr<const Origin> origin_of(const InstancePlan& plan, const std::string& device) {
  const auto& own = plan.config->device;
  return std::make_shared<const Origin>(
      Origin{own.empty() ? device : own, plan.plugin->manifest.id, plan.config->id});
}

Tags tags_of(const Config& config, const InstancePlan& plan) {
  auto tags = plan.config->tags;
  for (const auto& [key, value] : config.tags) tags.set_default(key, value);
  return tags;
}

OnStartError on_start_error(std::string_view word) {
  if (word == "error") return OnStartError::error;
  if (word == "ignore") return OnStartError::ignore;
  return word == "probe" ? OnStartError::probe : OnStartError::retry;
}

ScheduleSpec schedule_of(const InstancePlan& plan, const std::string& device) {
  const auto& config = *plan.config;
  ScheduleSpec spec;
  spec.interval = plan.interval;
  spec.jitter = config.jitter;
  spec.align = config.align;
  spec.slot_hash = stable_hash(fmt::format("{}\n{}", device, config.id));
  spec.host_hash = stable_hash(device);
  spec.on_overrun = config.on_overrun == "coalesce" ? OnOverrun::coalesce : OnOverrun::skip;
  spec.target = config.target;
  spec.pace.pause_after = config.pause_after;
  spec.pace.stretch_max = config.stretch_max;
  spec.retry.count = config.retry_count;
  spec.retry.delay = config.retry_delay;
  spec.retry.backoff = config.retry_backoff;
  spec.continuous = plan.collector->streaming;
  return spec;
}

StageContext context_of(const Config& config, const InstancePlan& plan, const std::string& device,
                        const std::shared_ptr<const Manifest>& manifest) {
  return {manifest,
          manifest->find_collector(plan.collector->name),
          origin_of(plan, device),
          tags_of(config, plan),
          config.datasets,
          boot_id()};
}

}  // namespace

Result<std::vector<Instance>> make_instances(const Config& config,
                                             const std::vector<InstancePlan>& plans,
                                             const std::string& device, PluginHost& plugins) {
  const auto global = std::make_shared<const PipelineSpec>(config.pipeline.stages);
  std::vector<Instance> instances;
  for (const auto& plan : plans) {
    const auto manifest = std::make_shared<const Manifest>(plan.plugin->manifest);
    Instance instance;
    instance.id = plan.config->id;
    instance.plugin = manifest->id;
    instance.version = manifest->version;
    instance.isolation = isolation_text(isolation_of(plan));
    instance.schedule = schedule_of(plan, device);
    instance.timeout = plan.config->timeout;
    instance.on_start_error = on_start_error(plan.config->on_start_error);
    instance.cancel_grace = manifest->cancel_grace;
    instance.origin = origin_of(plan, device);
    instance.tags = tags_of(config, plan);
    auto context = context_of(config, plan, device, manifest);
    context.late_window = config.retention.late_window;
    instance.fresh_pipeline = [context = std::make_shared<const StageContext>(std::move(context)),
                               global, own = plan.config->pipeline.stages] {
      std::vector<Problem> reported;  // when the plan was made
      return std::make_unique<Pipeline>(make_pipeline(*context, *global, own, reported));
    };
    instance.pipeline = instance.fresh_pipeline();
    instance.collector = plugins.make(plan, config.log_level);
    instances.push_back(std::move(instance));
  }
  return instances;
}

Pipeline make_instance_pipeline(const Config& config, const InstancePlan& plan,
                                const std::string& device,
                                const std::shared_ptr<const Manifest>& manifest) {
  std::vector<Problem> reported;  // when the plan was made
  return make_pipeline(context_of(config, plan, device, manifest), config.pipeline.stages,
                       plan.config->pipeline.stages, reported);
}

std::vector<PluginInfo> to_plugin_infos(const std::vector<InstancePlan>& plans) {
  std::vector<PluginInfo> infos;
  for (const auto& plan : plans) {
    const auto& manifest = plan.plugin->manifest;
    const bool known = std::any_of(infos.begin(), infos.end(), [&](const PluginInfo& info) {
      return info.plugin_id == manifest.id;
    });
    if (known) continue;
    const auto hash = sha256(plan.plugin->manifest_text);
    infos.push_back({manifest.id, manifest.name, manifest.version, manifest.description,
                     manifest.category, std::string(hash.begin(), hash.end()), true});
  }
  return infos;
}

std::vector<DatasetSpec> datasets_of(const Config& config, const std::vector<InstancePlan>& plans) {
  auto datasets = config.datasets;
  std::set<const PluginFile*> seen;
  for (const auto& plan : plans) {
    if (!seen.insert(plan.plugin).second) continue;
    const auto& own = plan.plugin->manifest.datasets;
    datasets.insert(datasets.end(), own.begin(), own.end());
  }
  return datasets;
}

std::string device_name(const Config& config) {
  if (!config.device.empty()) return config.device;
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

}  // namespace unity::host
