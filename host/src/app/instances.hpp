// Turns plans into instances that the runner can drive.
#pragma once

#include <string>
#include <vector>

#include "app/plan.hpp"
#include "app/plugin_host.hpp"
#include "runtime/runner.hpp"

namespace unity::host {

// Needs PluginHost::load() to have succeeded for the same plans. Errors: of what a worker would be
// confined to.
Result<std::vector<Instance>> make_instances(const Config& config,
                                             const std::vector<InstancePlan>& plans,
                                             const std::string& device, PluginHost& plugins);

// The stages of one instance. `manifest` is that of its plugin, which the stages keep.
Pipeline make_instance_pipeline(const Config& config, const InstancePlan& plan,
                                const std::string& device,
                                const std::shared_ptr<const Manifest>& manifest);

// The plugins in `plans` as the database registers them.
std::vector<PluginInfo> to_plugin_infos(const std::vector<InstancePlan>& plans);
// That need tables: those of the plugins that are used, and the configuration's own.
std::vector<DatasetSpec> datasets_of(const Config& config, const std::vector<InstancePlan>& plans);

// The name of this machine: the configured one, else the system's.
std::string device_name(const Config& config);

}  // namespace unity::host
