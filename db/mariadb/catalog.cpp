#include "mariadb/catalog.hpp"

#include <fmt/format.h>

#include "base/now.hpp"
#include "base/unless_empty.hpp"
#include "base/uuid.hpp"
#include "mariadb/transaction.hpp"

namespace unity::db::mariadb {
namespace {

constexpr std::string_view kRegistering = "register the plugins in";
constexpr std::string_view kUpdating = "update the status of plugins in";

#define UNITY_PLUGIN_IS_SAME                                           \
  "(name <=> VALUES(name) AND version <=> VALUES(version) "            \
  "AND description <=> VALUES(description) "                           \
  "AND category <=> VALUES(category) AND enabled <=> VALUES(enabled) " \
  "AND manifest_hash <=> VALUES(manifest_hash))"
// Assignments are made from left to right, so what depends on the old row comes first.
constexpr const char* kPutPlugin =
    "INSERT INTO plugins (id, plugin_id, name, version, description, category, enabled, "
    "manifest_hash, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE "
    "row_version = IF(" UNITY_PLUGIN_IS_SAME
    ", row_version, row_version + 1), updated_at = IF(" UNITY_PLUGIN_IS_SAME
    ", updated_at, VALUES(updated_at)), name = VALUES(name), version = VALUES(version), "
    "description = VALUES(description), category = VALUES(category), enabled = VALUES(enabled), "
    "manifest_hash = VALUES(manifest_hash)";
constexpr const char* kPutStatus =
    "INSERT INTO plugin_status (plugin_id, last_run, last_success, last_error, error_count, "
    "consecutive_errors, health_status, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE last_run = VALUES(last_run), last_success = VALUES(last_success), "
    "last_error = VALUES(last_error), error_count = VALUES(error_count), "
    "consecutive_errors = VALUES(consecutive_errors), health_status = VALUES(health_status), "
    "updated_at = VALUES(updated_at)";

}  // namespace

Result<void> MariadbCatalog::register_plugins(std::span<const PluginInfo> plugins) {
  auto connection = pool_.take("the catalog");
  if (!connection) return std::move(connection).error();
  auto transaction = Transaction::begin(**connection, kRegistering);
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
                    Parameters(Bytes{id}, plugin.plugin_id, plugin.name, plugin.version,
                               unless_empty(plugin.description), unless_empty(plugin.category),
                               plugin.enabled, hash, time, time),
                    doing);
    if (!done) return std::move(done).error();
  }
  return transaction->commit(kRegistering);
}

Result<void> MariadbCatalog::update_status(std::span<const PluginStatus> status) {
  auto connection = pool_.take("the catalog");
  if (!connection) return std::move(connection).error();
  auto transaction = Transaction::begin(**connection, kUpdating);
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

}  // namespace unity::db::mariadb
