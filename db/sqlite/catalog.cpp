#include "sqlite/catalog.hpp"

#include <fmt/format.h>

#include "base/now.hpp"
#include "base/uuid.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kRegistering = "register the plugins in";
constexpr std::string_view kUpdating = "update the status of plugins in";

std::optional<std::string_view> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

}  // namespace

Result<SqliteCatalog> SqliteCatalog::open(Connection& connection, DatasetKeeper& datasets) {
  auto plugin = connection.prepare(
      "INSERT INTO plugins (id, plugin_id, name, version, description, category, enabled, "
      "manifest_hash, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (plugin_id) DO UPDATE SET name = excluded.name, version = excluded.version, "
      "description = excluded.description, category = excluded.category, "
      "enabled = excluded.enabled, manifest_hash = excluded.manifest_hash, "
      "updated_at = excluded.updated_at, row_version = row_version + 1 "
      "WHERE (name, version, description, category, enabled, manifest_hash) IS NOT "
      "(excluded.name, excluded.version, excluded.description, excluded.category, "
      "excluded.enabled, excluded.manifest_hash)",
      kRegistering);
  if (!plugin) return std::move(plugin).error();
  auto status = connection.prepare(
      "INSERT INTO plugin_status (plugin_id, last_run, last_success, last_error, error_count, "
      "consecutive_errors, health_status, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (plugin_id) DO UPDATE SET last_run = excluded.last_run, "
      "last_success = excluded.last_success, last_error = excluded.last_error, "
      "error_count = excluded.error_count, consecutive_errors = excluded.consecutive_errors, "
      "health_status = excluded.health_status, updated_at = excluded.updated_at",
      kUpdating);
  if (!status) return std::move(status).error();
  return SqliteCatalog(connection, datasets, std::move(*plugin), std::move(*status));
}

Result<void> SqliteCatalog::register_plugins(std::span<const PluginInfo> plugins) {
  auto transaction = Transaction::begin(connection_, Transaction::Kind::write, kRegistering);
  if (!transaction) return std::move(transaction).error();
  const auto time = now();
  for (const auto& plugin : plugins) {
    const auto id = make_uuid(time);
    const auto hash =
        plugin.manifest_hash.empty() ? std::nullopt : std::optional(Blob{plugin.manifest_hash});
    put_plugin_.bind(Blob{id}, plugin.plugin_id, plugin.name, plugin.version,
                     unless_empty(plugin.description), unless_empty(plugin.category),
                     plugin.enabled, hash, time, time);
    const auto doing = fmt::format("register the plugin {} in", plugin.plugin_id);
    if (auto done = connection_.run(put_plugin_, doing); !done) return done;
  }
  return transaction->commit(kRegistering);
}

Result<void> SqliteCatalog::update_status(std::span<const PluginStatus> status) {
  auto transaction = Transaction::begin(connection_, Transaction::Kind::write, kUpdating);
  if (!transaction) return std::move(transaction).error();
  const auto time = now();
  for (const auto& plugin : status) {
    put_status_.bind(plugin.plugin_id, plugin.last_run, plugin.last_success,
                     unless_empty(plugin.last_error), static_cast<std::int64_t>(plugin.error_count),
                     static_cast<std::int64_t>(plugin.consecutive_errors), plugin.health_status,
                     time);
    const auto doing =
        fmt::format("update the status of {} (is it registered?) in", plugin.plugin_id);
    if (auto done = connection_.run(put_status_, doing); !done) return done;
  }
  return transaction->commit(kUpdating);
}

}  // namespace unity::db
