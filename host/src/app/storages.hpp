// Opens the configured storages, and the spool in front of them.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "delivery/delivery.hpp"
#include "plugin/plugin_memory.hpp"

namespace unity::host {

// A storage that is not available now is opened later, by its writer; one that will not do, because
// its configuration or its schema is wrong, is an error.
Result<std::vector<StorageSpec>> open_storages(const Config& config,
                                               const std::vector<PluginInfo>& plugins,
                                               const std::vector<DatasetSpec>& datasets);

// Logs what a crash has left behind, if there is any.
// What it finds of checkpoints goes into `memory`.
Result<std::unique_ptr<db::Spool>> open_spool(const Config& config, PluginMemory& memory);

}  // namespace unity::host
