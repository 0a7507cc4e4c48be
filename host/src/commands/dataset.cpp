#include "commands/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/table.hpp"
#include "base/wall_clock.hpp"
#include "commands/support.hpp"
#include "unity/db/datasets.hpp"

namespace unity::host {
namespace {

std::string retention_text(const db::DatasetInfo& dataset) {
  return dataset.retention ? to_text(Duration(*dataset.retention)) : "-";
}

json::Value json_of(const db::DatasetInfo& dataset) {
  json::Array columns;
  for (const auto& one : dataset.columns) {
    columns.push_back(json::Object{{"name", one.name},
                                   {"type", one.type},
                                   {"key", one.is_key},
                                   {"nullable", one.nullable},
                                   {"unit", text_or_null(one.unit)},
                                   {"variant_of", text_or_null(one.variant_of)},
                                   {"deprecated_at", time_or_null(one.deprecated_at)}});
  }
  return json::Object{
      {"name", dataset.name},
      {"owner", dataset.owner},
      {"table", dataset.table},
      {"version", dataset.version},
      {"shape", dataset.shape},
      {"time_column", dataset.time_column},
      {"state", dataset.state},
      {"problem", text_or_null(dataset.problem)},
      {"retention_seconds",
       dataset.retention ? json::Value(std::int64_t{dataset.retention->count()}) : json::Value()},
      {"created_at", to_rfc3339(dataset.created_at)},
      {"updated_at", to_rfc3339(dataset.updated_at)},
      {"columns", std::move(columns)}};
}

json::Value json_of(const db::DatasetChangeInfo& change) {
  return json::Object{
      {"dataset", change.dataset},
      {"time", to_rfc3339(change.time)},
      {"from_version", change.from_version ? json::Value(*change.from_version) : json::Value()},
      {"to_version", change.to_version},
      {"change", change.change},
      {"decision", change.decision},
      {"reason", text_or_null(change.reason)},
      {"sql", text_or_null(change.sql)},
      {"actor", change.actor}};
}

// A name that is wrong will not be right later.
int report_dataset(const Error& error) {
  const int code = report(error);
  return error.code == Errc::not_found ? static_cast<int>(kExitFailed) : code;
}

std::string note_on(const db::DatasetColumnInfo& column) {
  if (column.deprecated_at) return "not declared since " + to_rfc3339(*column.deprecated_at);
  if (!column.variant_of.empty()) return "a later type of " + column.variant_of;
  return column.is_key ? "key" : "";
}

void print_dataset(const db::DatasetInfo& dataset) {
  print(fmt::format("{} version {} of {}: {}\n", dataset.name, dataset.version, dataset.owner,
                    dataset.state));
  if (!dataset.problem.empty()) print(fmt::format("  {}\n", dataset.problem));
  print(fmt::format("table {}, shape {}, time in {}, kept {}\n\n", dataset.table, dataset.shape,
                    dataset.time_column,
                    dataset.retention ? retention_text(dataset) : std::string("for ever")));
  Table table({"COLUMN", "TYPE", "NULL", "UNIT", ""});
  for (const auto& column : dataset.columns) {
    table.add({column.name, column.type, column.nullable ? "yes" : "no",
               column.unit.empty() ? "-" : column.unit, note_on(column)});
  }
  print(table.to_text());
}

}  // namespace

int dataset_list_command(const DatasetOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto datasets = db::read_datasets(database);
    if (!datasets) return report(datasets.error());
    if (options.common.json) {
      json::Array list;
      for (const auto& one : *datasets) list.push_back(json_of(one));
      print_json(json::Object{{"datasets", std::move(list)}});
      return kExitDone;
    }
    Table table({"DATASET", "VERSION", "STATE", "OWNER", "SHAPE", "KEPT", "PROBLEM"});
    for (const auto& one : *datasets) {
      table.add({one.name, fmt::to_string(one.version), one.state, one.owner, one.shape,
                 retention_text(one), one.problem.empty() ? "-" : one.problem});
    }
    print(table.empty() ? "there is no dataset: plugins declare them, and `datasets` of the "
                          "configuration does\n"
                        : table.to_text());
    return kExitDone;
  });
}

int dataset_show_command(const DatasetOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto datasets = db::read_datasets(database);
    if (!datasets) return report(datasets.error());
    const auto found = std::find_if(datasets->begin(), datasets->end(),
                                    [&](const auto& one) { return one.name == options.name; });
    if (found == datasets->end()) {
      return report_dataset(
          {Errc::not_found,
           fmt::format("there is no dataset {}; `unity dataset list` shows those that are",
                       options.name)});
    }
    if (options.common.json) {
      print_json(json_of(*found));
    } else {
      print_dataset(*found);
    }
    return kExitDone;
  });
}

int dataset_changes_command(const DatasetOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto changes = db::read_dataset_changes(database, options.name);
    if (!changes) return report(changes.error());
    if (options.common.json) {
      json::Array list;
      for (const auto& one : *changes) list.push_back(json_of(one));
      print_json(json::Object{{"changes", std::move(list)}});
      return kExitDone;
    }
    Table table({"TIME", "DATASET", "VERSION", "CHANGE", "DECISION", "REASON"});
    for (const auto& one : *changes) {
      table.add({to_rfc3339(one.time), one.dataset,
                 one.from_version ? fmt::format("{} to {}", *one.from_version, one.to_version)
                                  : fmt::to_string(one.to_version),
                 one.change, one.decision, one.reason});
    }
    print(table.empty() ? "no dataset has changed\n" : table.to_text());
    if (!options.verbose) return kExitDone;
    for (const auto& one : *changes) {
      if (!one.sql.empty()) print(fmt::format("\n-- {} {}\n{}", one.dataset, one.change, one.sql));
    }
    return kExitDone;
  });
}

int dataset_prune_command(const DatasetOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto now = wall_now();
    const auto is_due = [&](const db::PrunedColumn& one) {
      return one.until ? *one.until <= now : !options.name.empty();
    };
    const auto columns = db::prune_datasets(database, options.name, now, options.confirm);
    if (!columns) return report_dataset(columns.error());
    if (options.common.json) {
      json::Array list;
      for (const auto& one : *columns) {
        list.push_back(json::Object{{"dataset", one.dataset},
                                    {"column", one.column},
                                    {"deprecated_at", to_rfc3339(one.deprecated_at)},
                                    {"kept_until", time_or_null(one.until)},
                                    {"dropped", one.dropped}});
      }
      print_json(json::Object{{"columns", std::move(list)}});
    } else {
      for (const auto& one : *columns) {
        const auto what = one.dropped   ? std::string("dropped")
                          : is_due(one) ? std::string("would be dropped")
                          : one.until   ? "kept until " + to_rfc3339(*one.until)
                                        : std::string("kept for ever unless the dataset is named");
        print(fmt::format("{} {} {}\n", what, one.dataset, one.column));
      }
      if (columns->empty()) print("there is nothing to prune: every column is declared\n");
    }
    const bool refused = !options.confirm && std::any_of(columns->begin(), columns->end(), is_due);
    if (!refused) return kExitDone;
    return report({Errc::refused,
                   "nothing was dropped: say --confirm if what is in these columns "
                   "may go for good"});
  });
}

}  // namespace unity::host
