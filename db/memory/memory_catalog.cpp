#include "memory/memory_catalog.hpp"

#include <fmt/format.h>

namespace unity::db {

Result<void> MemoryCatalog::register_plugins(std::span<const PluginInfo> plugins) {
  for (const auto& plugin : plugins) plugins_[plugin.plugin_id] = plugin;
  return {};
}

// Rows have nowhere to go: MemoryStorage rejects them.
Result<std::vector<DatasetState>> MemoryCatalog::declare_datasets(
    std::span<const DatasetSpec> datasets) {
  std::vector<DatasetState> states;
  for (const auto& spec : datasets) {
    states.push_back({spec.name, spec.owner, 0, "blocked",
                      "a database of type \"memory\" has no tables for datasets"});
  }
  return states;
}

Result<void> MemoryCatalog::update_status(std::span<const PluginStatus> status) {
  for (const auto& plugin : status) {
    if (!plugins_.contains(plugin.plugin_id)) {
      return Error{
          Errc::invalid,
          fmt::format("cannot update the status of {}: it is not registered", plugin.plugin_id)};
    }
  }
  for (const auto& plugin : status) status_[plugin.plugin_id] = plugin;
  return {};
}

}  // namespace unity::db
