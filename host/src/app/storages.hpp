// Opens the configured storages, and the spool in front of them.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "delivery/delivery.hpp"

namespace unity::host {

// A storage that is not available now is opened later, by its writer; one that will not do, because
// its configuration or its schema is wrong, is an error.
Result<std::vector<StorageSpec>> open_storages(const Config& config,
                                               const std::vector<PluginInfo>& plugins);

// Logs what a crash has left behind, if there is any.
Result<std::unique_ptr<db::Spool>> open_spool(const Config& config);

}  // namespace unity::host
