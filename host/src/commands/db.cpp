#include "commands/db.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>

#include "base/table.hpp"
#include "commands/db_support.hpp"
#include "host_version.hpp"
#include "unity/db/open.hpp"

namespace unity::host {
namespace {

json::Value to_json(const std::vector<db::MigrationScript>& scripts) {
  json::Array list;
  for (const auto& one : scripts) {
    json::Array losses(one.losses.begin(), one.losses.end());
    list.emplace_back(json::Object{{"seq", one.seq},
                                   {"name", one.name},
                                   {"breaking", one.breaking},
                                   {"losses", std::move(losses)},
                                   {"sql", one.sql}});
  }
  return list;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return {};
  return value;
}

// The migration that "head", "base", "4", "+1" or "-1" means, seen from `current`.
Result<int> find_target(std::string_view text, int current) {
  if (text == "head") return db::schema_head();
  if (text == "base") return 0;
  const bool is_step = text.starts_with('+') || text.starts_with('-');
  const auto value = number(is_step ? text.substr(1) : text);
  const bool is_near = value && *value >= 0 && *value <= db::schema_head();
  const auto target = !is_near         ? -1
                      : !is_step       ? *value
                      : text[0] == '+' ? current + *value
                                       : current - *value;
  if (target >= 0 && target <= db::schema_head()) return target;
  return Error{Errc::invalid,
               fmt::format("there is no migration \"{}\" to go to: from {}, choose one of 0 "
                           "(base) to {} (head), or so many steps as +1 or -1",
                           text, current, db::schema_head())};
}

std::string describe(const db::MigrationScript& script) {
  auto text = fmt::format("-- {:04} {}\n", script.seq, script.name);
  for (const auto& loss : script.losses) text += fmt::format("-- {}\n", loss);
  if (script.breaking) text += "-- older versions of unity cannot work with the result\n";
  return text + script.sql;
}

}  // namespace

json::Value to_json(const std::vector<db::MigrationState>& migrations) {
  json::Array list;
  for (const auto& one : migrations) {
    list.emplace_back(json::Object{{"seq", one.seq},
                                   {"name", one.name},
                                   {"state", one.state},
                                   {"applied_at", text_or_null(one.applied_at)}});
  }
  return list;
}

std::vector<std::string> findings_of(const db::SchemaVerification& verification) {
  auto found = verification.others;
  for (const auto& migration : verification.migrations) {
    if (migration.history != "applied") {
      found.push_back(
          fmt::format("migration {} ({}): {}", migration.seq, migration.name, migration.history));
    }
    for (const auto& object : migration.objects) {
      found.insert(found.end(), object.findings.begin(), object.findings.end());
    }
  }
  return found;
}

int tell(const DbOptions& options, const Result<std::vector<db::MigrationState>>& done,
         std::string_view nothing) {
  if (!done) return report(done.error());
  if (options.common.json) {
    print_json(json::Object{{"applied", to_json(*done)}});
    return kExitDone;
  }
  for (const auto& one : *done) print(fmt::format("{} {} {}\n", one.state, one.seq, one.name));
  if (done->empty()) print(fmt::format("{}\n", nothing));
  return kExitDone;
}

int db_current_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) {
    const auto state = db::schema_state(database);
    if (!state) return report(state.error());
    if (options.common.json) {
      print_json(json::Object{{"current", state->current},
                              {"head", state->head},
                              {"migrations", to_json(state->migrations)}});
      return static_cast<int>(kExitDone);
    }
    Table table({"SEQ", "NAME", "STATE", "APPLIED AT"});
    for (const auto& one : state->migrations) {
      table.add({fmt::to_string(one.seq), one.name, one.state,
                 one.applied_at.empty() ? "-" : one.applied_at});
    }
    print(fmt::format("the schema is at {}, this version of unity wants {}\n{}", state->current,
                      state->head, table.to_text()));
    return static_cast<int>(kExitDone);
  });
}

int db_history_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto scripts = db::schema_scripts(database.type, 0, db::schema_head());
    if (!scripts) return report(scripts.error());
    if (options.common.json) {
      print_json(json::Object{{"migrations", to_json(*scripts)}});
      return kExitDone;
    }
    for (const auto& one : *scripts) {
      print(options.verbose ? describe(one) + "\n"
                            : fmt::format("{:04} {}{}\n", one.seq, one.name,
                                          one.breaking ? " (breaking)" : ""));
    }
    return kExitDone;
  });
}

int db_plan_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto state = db::schema_state(database);
    if (!state) return report(state.error());
    const auto target =
        find_target(options.target.empty() ? "head" : options.target, state->current);
    if (!target) return report_usage(target.error());
    const auto scripts =
        db::schema_scripts(state->dialect, state->current, std::max(*target, state->current));
    if (!scripts) return report(scripts.error());
    if (options.common.json) {
      print_json(json::Object{
          {"current", state->current}, {"target", *target}, {"migrations", to_json(*scripts)}});
      return kExitDone;
    }
    for (const auto& one : *scripts) print(describe(one) + "\n");
    if (scripts->empty()) print("the schema is up to date\n");
    return kExitDone;
  });
}

int db_upgrade_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    if (database.type == "sqlite") {
      if (const auto made = db::create_database(database); !made) return report(made.error());
    }
    const auto state = db::schema_state(database);
    if (!state) return report(state.error());
    const auto target =
        find_target(options.target.empty() ? "head" : options.target, state->current);
    if (!target) return report_usage(target.error());
    return tell(options, db::upgrade_schema(database, kHostVersion, *target),
                "the schema is up to date");
  });
}

int db_downgrade_command(const DbOptions& options) {
  if (options.target.empty()) {
    std::cerr << "unity db downgrade: say how far back: base, a number that stays applied, or -1\n";
    return kExitUsage;
  }
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto state = db::schema_state(database);
    if (!state) return report(state.error());
    const auto target = find_target(options.target, state->current);
    if (!target) return report_usage(target.error());
    return tell(options,
                db::downgrade_schema(database, kHostVersion, *target, options.allow_data_loss),
                "there is nothing to take back");
  });
}

int db_stamp_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    if (options.target.starts_with('+') || options.target.starts_with('-')) {
      return report_usage({Errc::invalid,
                           "stamp needs a migration, head or base: what it stands "
                           "at now is what is not known"});
    }
    const auto target = find_target(options.target, 0);
    if (!target) return report_usage(target.error());
    return tell(options, db::stamp_schema(database, kHostVersion, *target), "nothing to stamp");
  });
}

int db_check_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto drifts = db::find_schema_drift(database);
    if (!drifts) return report(drifts.error());
    if (options.common.json) {
      json::Array list;
      for (const auto& one : *drifts) {
        list.emplace_back(json::Object{{"table", one.table},
                                       {"part", one.part},
                                       {"kind", one.kind},
                                       {"wanted", one.wanted},
                                       {"found", one.found}});
      }
      print_json(json::Object{{"place", db::place_of(database)}, {"drift", std::move(list)}});
    } else if (drifts->empty()) {
      print(fmt::format("{} is what its migrations make\n", db::place_of(database)));
    } else {
      for (const auto& one : *drifts) print(one.text + "\n");
    }
    return drifts->empty() ? kExitDone : kExitDifferences;
  });
}

int db_lint_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto findings = db::lint_schema(database.type);
    if (!findings) return report(findings.error());
    const bool is_good = std::all_of(findings->begin(), findings->end(),
                                     [](const auto& one) { return one.allowed; });
    if (options.common.json) {
      json::Array list;
      for (const auto& one : *findings) {
        list.emplace_back(json::Object{
            {"seq", one.seq}, {"class", one.what}, {"text", one.text}, {"allowed", one.allowed}});
      }
      print_json(json::Object{{"findings", std::move(list)}});
    } else {
      for (const auto& one : *findings) {
        print(fmt::format("{:04} {}: {}{}\n", one.seq, one.what, one.text,
                          one.allowed ? "" : " (should be marked as breaking)"));
      }
      if (findings->empty()) print("no migration can hurt anybody\n");
    }
    return is_good ? kExitDone : kExitDifferences;
  });
}

int db_sql_command(const DbOptions& options) {
  const auto print_range = [&](std::string_view dialect) -> int {
    const std::string_view range =
        options.range.empty() ? std::string_view("0:head") : options.range;
    const auto colon = range.find(':');
    const auto from = find_target(range.substr(0, colon), 0);
    const auto to = colon == range.npos ? Result<int>(db::schema_head())
                                        : find_target(range.substr(colon + 1), 0);
    if (!from) return report_usage(from.error());
    if (!to) return report_usage(to.error());
    const auto sql = db::schema_sql(dialect, kHostVersion, *from, *to);
    if (!sql) {
      return sql.error().code == Errc::invalid ? report_usage(sql.error()) : report(sql.error());
    }
    print(*sql);
    return kExitDone;
  };
  if (!options.dialect.empty()) return print_range(options.dialect);
  return with_database(options.common, [&](const db::DatabaseConfig& database) {
    return print_range(database.type);
  });
}

}  // namespace unity::host
