#include <fmt/format.h>

#include <iostream>

#include "base/table.hpp"
#include "commands/support.hpp"
#include "host_version.hpp"
#include "unity/db/open.hpp"

namespace unity::host {
namespace {

json::Value to_json(const std::vector<db::MigrationState>& migrations) {
  json::Array list;
  for (const auto& one : migrations) {
    list.emplace_back(json::Object{
        {"seq", one.seq},
        {"name", one.name},
        {"state", one.state},
        {"applied_at", one.applied_at.empty() ? json::Value() : json::Value(one.applied_at)}});
  }
  return list;
}

}  // namespace

int db_current_command(const CommonOptions& common) {
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  const auto database = find_database(*loaded->config, common);
  if (!database) return report(database.error());
  const auto state = db::schema_state(*database);
  if (!state) return report(state.error());
  if (common.json) {
    print_json(json::Object{{"current", state->current},
                            {"head", state->head},
                            {"migrations", to_json(state->migrations)}});
    return kExitDone;
  }
  Table table({"SEQ", "NAME", "STATE", "APPLIED AT"});
  for (const auto& one : state->migrations) {
    table.add({fmt::to_string(one.seq), one.name, one.state,
               one.applied_at.empty() ? "-" : one.applied_at});
  }
  print(fmt::format("the schema is at {}, this version of unity wants {}\n{}", state->current,
                    state->head, table.to_text()));
  return kExitDone;
}

int db_upgrade_command(const CommonOptions& common) {
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  const auto database = find_database(*loaded->config, common);
  if (!database) return report(database.error());
  if (database->type == "sqlite") {
    std::error_code ignored;  // if this fails, opening the database says why
    std::filesystem::create_directories(database->path.parent_path(), ignored);
  }
  const auto applied = db::upgrade_schema(*database, kHostVersion);
  if (!applied) return report(applied.error());
  if (common.json) {
    print_json(json::Object{{"applied", to_json(*applied)}});
    return kExitDone;
  }
  for (const auto& one : *applied) print(fmt::format("applied {} {}\n", one.seq, one.name));
  if (applied->empty()) print("the schema is up to date\n");
  return kExitDone;
}

}  // namespace unity::host
