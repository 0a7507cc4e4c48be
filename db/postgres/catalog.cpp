#include "postgres/catalog.hpp"

#include <fmt/format.h>

#include "base/now.hpp"
#include "base/unless_empty.hpp"
#include "base/uuid.hpp"
#include "postgres/transaction.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::string_view kRegistering = "register the plugins in";
constexpr std::string_view kUpdating = "update the status of plugins in";

constexpr const char* kPutPlugin =
    "INSERT INTO plugins AS p (id, plugin_id, name, version, description, category, enabled, "
    "manifest_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
    "ON CONFLICT (plugin_id) DO UPDATE SET name = excluded.name, version = excluded.version, "
    "description = excluded.description, category = excluded.category, "
    "enabled = excluded.enabled, manifest_hash = excluded.manifest_hash, "
    "updated_at = excluded.updated_at, row_version = p.row_version + 1 "
    "WHERE (p.name, p.version, p.description, p.category, p.enabled, p.manifest_hash) "
    "IS DISTINCT FROM (excluded.name, excluded.version, excluded.description, excluded.category, "
    "excluded.enabled, excluded.manifest_hash)";
constexpr const char* kPutStatus =
    "INSERT INTO plugin_status (plugin_id, last_run, last_success, last_error, error_count, "
    "consecutive_errors, health_status, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
    "ON CONFLICT (plugin_id) DO UPDATE SET last_run = excluded.last_run, "
    "last_success = excluded.last_success, last_error = excluded.last_error, "
    "error_count = excluded.error_count, consecutive_errors = excluded.consecutive_errors, "
    "health_status = excluded.health_status, updated_at = excluded.updated_at";

}  // namespace

Result<void> PostgresCatalog::register_plugins(std::span<const PluginInfo> plugins) {
  auto connection = pool_.take("the catalog");
  if (!connection) return std::move(connection).error();
  auto transaction = Transaction::begin(**connection, "BEGIN", kRegistering);
  if (!transaction) return std::move(transaction).error();
  const auto time = now();
  for (const auto& plugin : plugins) {
    const auto id = make_uuid(time);
    const auto hash =
        plugin.manifest_hash.empty() ? std::nullopt : std::optional(Bytes{plugin.manifest_hash});
    const auto doing = fmt::format("register the plugin {} in", plugin.plugin_id);
    auto done =
        (*connection)
            ->query(kPutPlugin,
                    Parameters(Uuid{id}, plugin.plugin_id, plugin.name, plugin.version,
                               unless_empty(plugin.description), unless_empty(plugin.category),
                               plugin.enabled, hash, time, time),
                    doing);
    if (!done) return std::move(done).error();
  }
  return transaction->commit(kRegistering);
}

Result<void> PostgresCatalog::update_status(std::span<const PluginStatus> status) {
  auto connection = pool_.take("the catalog");
  if (!connection) return std::move(connection).error();
  auto transaction = Transaction::begin(**connection, "BEGIN", kUpdating);
  if (!transaction) return std::move(transaction).error();
  const auto time = now();
  for (const auto& plugin : status) {
    const auto doing =
        fmt::format("update the status of {} (is it registered?) in", plugin.plugin_id);
    auto done = (*connection)
                    ->query(kPutStatus,
                            Parameters(plugin.plugin_id, plugin.last_run, plugin.last_success,
                                       unless_empty(plugin.last_error),
                                       static_cast<std::int64_t>(plugin.error_count),
                                       static_cast<std::int64_t>(plugin.consecutive_errors),
                                       plugin.health_status, time),
                            doing);
    if (!done) return std::move(done).error();
  }
  return transaction->commit(kUpdating);
}

}  // namespace unity::db::postgres
