#include "app/storages.hpp"

#include "host_version.hpp"
#include "log/log.hpp"
#include "unity/db/schema.hpp"
#include "unity/db/timescale.hpp"

namespace unity::host {
namespace {

// On the control thread at the start, later on the writer's.
Result<std::unique_ptr<db::Database>> open_storage(const db::DatabaseConfig& config,
                                                   const std::vector<PluginInfo>& plugins) {
  const auto applied = db::upgrade_schema(config, kHostVersion);
  if (!applied) return applied.error();
  for (const auto& migration : *applied) {
    log_info("applied migration {} {}", migration.seq, migration.name);
  }
  const auto timescale = db::timescale_state(config);
  if (!timescale) return timescale.error();
  if (*timescale) {
    for (const auto& remark : (*timescale)->remarks) log_warn("{}", remark);
  }
  auto database = db::open_database(config);
  if (!database) return database;
  if (auto registered = (*database)->catalog().register_plugins(plugins); !registered) {
    return std::move(registered).error();
  }
  return database;
}

}  // namespace

Result<std::vector<StorageSpec>> open_storages(const Config& config,
                                               const std::vector<PluginInfo>& plugins,
                                               const std::vector<DatasetSpec>& datasets) {
  std::vector<StorageSpec> specs;
  for (const auto& storage : config.storages) {
    StorageSpec spec;
    spec.id = storage.id;
    spec.required = storage.required;
    spec.batch_size = static_cast<std::size_t>(storage.batch_size);
    spec.batch_timeout = storage.batch_timeout;
    spec.datasets = datasets;
    spec.open = [database = storage.database, plugins] { return open_storage(database, plugins); };
    auto opened = spec.open();
    if (opened) {
      spec.database = std::move(*opened);
    } else if (opened.error().code == Errc::unavailable) {
      spec.problem = opened.error().message;
    } else {
      return std::move(opened).error();
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

Result<std::unique_ptr<db::Spool>> open_spool(const Config& config, PluginMemory& memory) {
  const auto& settings = config.spool;
  db::SpoolConfig spool;
  spool.folder = settings.path;
  spool.max_bytes = settings.max_bytes;
  spool.segment_bytes = settings.segment_bytes;
  spool.min_free_bytes = settings.min_free_bytes;
  spool.mode = settings.sync;
  spool.when_full = settings.when_full;
  spool.checkpoints_since = memory.newest_place();
  for (const auto& storage : config.storages) {
    spool.consumers.push_back({storage.id, storage.required});
  }
  auto opened = db::open_spool(std::move(spool));
  if (!opened) return opened;
  const auto& recovery = (*opened)->recovery();
  for (const auto& note : recovery.notes) log_warn("{}", note);
  memory.recovered(recovery.checkpoints, recovery.end.records);
  return opened;
}

}  // namespace unity::host
