// The commands for schemas, for whatever database it is.
#include "unity/db/schema.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "migrate/lint.hpp"
#include "migrate/offline.hpp"
#include "migrate/rehearse.hpp"
#include "migrate/repair.hpp"
#include "migrate/script.hpp"
#include "migrate/upgrade.hpp"
#include "migrate/verify.hpp"
#include "migrations/list.hpp"
#include "registry.hpp"

namespace unity::db {
namespace {

using States = std::vector<MigrationState>;
using Change = Result<States> (*)(SchemaSession&, Migrations, const UpgradeOptions&);

Result<States> change(const DatabaseConfig& config, Change how, const UpgradeOptions& options) {
  auto session = open_schema(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) return States();
  return how(**session, all_migrations(), options);
}

// What goes with the tables follows the configuration, which may have changed since they were made.
Result<States> arranged(SchemaSession& session, States states) {
  auto done = session.arrange(schema_at(all_migrations(), schema_head(), session.dialect()));
  if (!done) return std::move(done).error();
  return states;
}

Result<States> upgrade_and_arrange(SchemaSession& session, Migrations migrations,
                                   const UpgradeOptions& options) {
  auto states = upgrade(session, migrations, options);
  if (!states) return states;
  return arranged(session, std::move(*states));
}

Result<Dialect> find_dialect(std::string_view type) {
  for (const auto dialect : kDialects) {
    if (to_text(dialect) == type) return dialect;
  }
  return Error{Errc::invalid, fmt::format("a database of type \"{}\" has no schema", type)};
}

Result<void> require_way(int from, int to) {
  if (std::min(from, to) >= 0 && std::max(from, to) <= schema_head()) return {};
  return Error{Errc::invalid, fmt::format("there is no way from {} to {}: the migrations are 1 to "
                                          "{}, and 0 is an empty database",
                                          from, to, schema_head())};
}

}  // namespace

Result<SchemaState> schema_state(const DatabaseConfig& config) {
  auto session = look_at_schema(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) {
    SchemaState state;
    state.dialect = config.type;
    return state;
  }
  auto history = (*session)->history();
  if (!history) return std::move(history).error();
  if (history->owner == History::Owner::others) return belongs_to_others((*session)->place());
  auto state = describe_schema(all_migrations(), (*session)->dialect(), *history);
  state.dialect = to_text((*session)->dialect());
  return state;
}

Result<States> upgrade_schema(const DatabaseConfig& config, std::string_view app_version,
                              std::optional<int> target) {
  auto session = look_at_schema(config);
  if (session && *session == nullptr) return States();
  // Nearly every start finds nothing to do, and needs no lock to see that. Where it is busy,
  // somebody else may be at it: wait for the lock, and look again.
  auto at_head =
      session ? is_at_head(**session, all_migrations()) : Result<bool>(std::move(session).error());
  if (!at_head && at_head.error().code != Errc::unavailable) return std::move(at_head).error();
  if (at_head && *at_head) return arranged(**session, States());
  return change(config, upgrade_and_arrange, {target.value_or(schema_head()), app_version, false});
}

Result<States> downgrade_schema(const DatabaseConfig& config, std::string_view app_version,
                                int target, bool allow_data_loss) {
  return change(config, downgrade, {target, app_version, allow_data_loss});
}

Result<States> stamp_schema(const DatabaseConfig& config, std::string_view app_version,
                            int target) {
  return change(config, stamp, {target, app_version, false});
}

Result<States> repair_schema(const DatabaseConfig& config, std::string_view app_version, int seq,
                             std::string_view reason) {
  const auto state = schema_state(config);
  if (!state) return state.error();
  const bool is_empty = std::all_of(state->migrations.begin(), state->migrations.end(),
                                    [](const auto& one) { return one.state == "pending"; });
  if (is_empty && state->head > 0) {
    return Error{Errc::refused, fmt::format("cannot repair the history of {}: nothing was applied "
                                            "yet",
                                            place_of(config))};
  }
  auto session = open_schema(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) return States();
  return repair(**session, all_migrations(), {seq, reason, app_version});
}

bool SchemaVerification::is_good() const {
  const auto is_whole = [](const VerifiedObject& object) { return object.findings.empty(); };
  return others.empty() &&
         std::all_of(migrations.begin(), migrations.end(), [&](const VerifiedMigration& one) {
           return one.history == "applied" &&
                  std::all_of(one.objects.begin(), one.objects.end(), is_whole);
         });
}

Result<SchemaVerification> verify_schema(const DatabaseConfig& config) {
  auto session = look_at_schema(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) return SchemaVerification();
  return verify(**session, all_migrations());
}

Result<Rehearsal> rehearse_schema(const DatabaseConfig& config, std::string_view app_version) {
  // What is wrong with the database itself is no matter of rights to make another.
  if (auto session = look_at_schema(config); !session) return std::move(session).error();
  auto scratch = make_scratch(config);
  if (scratch) return rehearse(std::move(*scratch), all_migrations(), app_version);
  if (scratch.error().code != Errc::refused) return std::move(scratch).error();
  Rehearsal rehearsal;
  rehearsal.why_not = scratch.error().message;
  return rehearsal;
}

Result<std::vector<SchemaDrift>> find_schema_drift(const DatabaseConfig& config) {
  auto session = look_at_schema(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) return std::vector<SchemaDrift>();
  auto drifts = find_drift(**session, all_migrations());
  if (!drifts) return std::move(drifts).error();
  std::vector<SchemaDrift> found;
  for (auto& drift : *drifts) {
    auto text = schema::to_text(drift);
    found.push_back({std::move(drift.table), std::move(drift.part), std::move(drift.kind),
                     std::move(drift.wanted), std::move(drift.found), std::move(text)});
  }
  return found;
}

Result<std::vector<MigrationScript>> schema_scripts(std::string_view database_type, int from,
                                                    int to) {
  auto dialect = find_dialect(database_type);
  if (!dialect) return std::move(dialect).error();
  if (auto good = require_way(from, to); !good) return std::move(good).error();
  const auto migrations = all_migrations();
  std::vector<MigrationScript> scripts;
  const auto add = [&](int seq, const std::vector<Step>& steps) {
    const auto& migration = migrations[static_cast<std::size_t>(seq) - 1];
    MigrationScript script{seq, std::string(migration.name), to_sql(steps), {}, migration.breaking};
    for (const auto& step : steps) {
      if (auto loss = schema::loss_of(step.change); !loss.empty()) script.losses.push_back(loss);
    }
    scripts.push_back(std::move(script));
  };
  for (int seq = from + 1; seq <= to; ++seq) add(seq, upgrade_steps(migrations, seq, *dialect));
  for (int seq = from; seq > to; --seq) add(seq, downgrade_steps(migrations, seq, *dialect));
  return scripts;
}

Result<std::string> schema_sql(std::string_view database_type, std::string_view app_version,
                               int from, int to) {
  auto dialect = find_dialect(database_type);
  if (!dialect) return std::move(dialect).error();
  if (auto good = require_way(from, to); !good) return std::move(good).error();
  return offline_script(all_migrations(), from, to, *dialect, app_version);
}

Result<std::vector<SchemaFinding>> lint_schema(std::string_view database_type) {
  auto dialect = find_dialect(database_type);
  if (!dialect) return std::move(dialect).error();
  std::vector<SchemaFinding> findings;
  for (auto& one : lint(all_migrations(), *dialect)) {
    findings.push_back({one.seq, std::string(to_text(one.what)), std::move(one.text), one.allowed});
  }
  return findings;
}

int schema_head() { return static_cast<int>(all_migrations().size()); }

}  // namespace unity::db
