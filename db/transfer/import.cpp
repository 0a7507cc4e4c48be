#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "registry.hpp"
#include "transfer/batch_writer.hpp"
#include "transfer/dataset_tables.hpp"
#include "transfer/export_reader.hpp"
#include "transfer/fitting.hpp"
#include "transfer/progress.hpp"
#include "transfer/transfer_session.hpp"
#include "unity/db/schema.hpp"
#include "unity/db/transfer.hpp"

namespace unity::db {
namespace {

using transfer::ExportReader;
using transfer::Manifest;
using transfer::ProgressMeter;
using transfer::Row;
using transfer::TableDigest;
using transfer::TransferSession;
using transfer::TransferTable;

// What the target has of a table before the import.
struct Present {
  std::uint64_t rows = 0;
  std::string sha256;
};
using PresentRows = std::map<std::string, Present>;

Result<Present> digest_table(TransferSession& session, const TransferTable& table,
                             ProgressMeter& meter) {
  TableDigest digest(table);
  meter.begin_table(table.table.name);
  auto read = session.read({table, {}}, [&](const Row& row) -> Result<void> {
    meter.count(1);
    return digest.add(row);
  });
  if (!read) return std::move(read).error();
  meter.end_table();
  return Present{digest.rows(), digest.sha256()};
}

// All rows that the target has of `tables`.
Result<PresentRows> digest_target(const DatabaseConfig& config, std::string_view doing,
                                  const std::vector<TransferTable>& tables,
                                  const OnTransferProgress& progress) {
  auto session = open_transfer_session(config, transfer::Access::read);
  if (!session) return std::move(session).error();
  if (auto begun = (*session)->begin_snapshot(); !begun) return std::move(begun).error();
  std::uint64_t total = 0;
  for (const auto& table : tables) {
    const auto rows = (*session)->count({table, {}});
    if (!rows) return rows.error();
    total += *rows;
  }
  PresentRows present;
  ProgressMeter meter(progress, doing, total);
  for (const auto& table : tables) {
    auto one = digest_table(**session, table, meter);
    if (!one) return std::move(one).error();
    present.emplace(table.table.name, std::move(*one));
  }
  return present;
}

// Nothing if the target has no tables yet.
Result<PresentRows> look_at_target(const DatabaseConfig& config,
                                   const std::vector<TransferTable>& tables,
                                   const OnTransferProgress& progress) {
  const auto state = schema_state(config);
  if (!state) return state.error();
  if (state->head == 0) {
    return Error{Errc::refused, "cannot import: a database of type " + config.type +
                                    " keeps nothing; name another with --storage"};
  }
  if (state->migrations.empty() || state->migrations.front().state == "pending") {
    return PresentRows();
  }
  if (state->current < state->head) {
    return Error{Errc::refused,
                 fmt::format("cannot import into {}: its schema is at {}, and this version of "
                             "unity needs {}: run `unity db upgrade` first",
                             place_of(config), state->current, state->head)};
  }
  const auto there = transfer::tables_there(config, tables);
  if (!there) return there.error();
  return digest_target(config, "looking at the target", *there, progress);
}

// Reads all of the export, and finds the tables of the target that do not begin as it does.
Result<std::vector<std::string>> check(ExportReader& reader,
                                       const std::vector<TransferTable>& tables,
                                       const PresentRows& present, const ImportOptions& options,
                                       ProgressMeter& meter) {
  std::vector<std::string> strangers;
  for (const auto& table : tables) {
    const auto& name = table.table.name;
    const auto there = present.find(name);
    const auto& before = there != present.end() ? there->second : Present();
    bool is_beginning = before.rows == 0;
    TableDigest digest(table);
    meter.begin_table(name);
    auto read = reader.read(table, [&](const Row& row) -> Result<void> {
      meter.count(1);
      if (auto added = digest.add(row); !added) return added;
      if (digest.rows() == before.rows) is_beginning = digest.sha256() == before.sha256;
      return {};
    });
    if (!read) return std::move(read).error();
    meter.end_table();
    const auto& wanted = reader.manifest().tables.at(name);
    if (digest.rows() != wanted.rows) {
      return transfer::damaged_table(
          options.path, name,
          fmt::format("it has {} rows in place of {}", digest.rows(), wanted.rows));
    }
    if (digest.summary() != wanted) {
      return transfer::damaged_table(options.path, name,
                                     "its rows are not those that were exported");
    }
    if (!is_beginning) strangers.push_back(fmt::format("{} ({} rows)", name, before.rows));
  }
  return strangers;
}

Result<void> import_table(ExportReader& reader, TransferSession& session,
                          const TransferTable& table, std::uint64_t skip, ProgressMeter& meter) {
  const auto first = reader.manifest().tables.at(table.table.name).min_time;
  if (first) {
    if (auto prepared = session.prepare(table, *first); !prepared) return prepared;
  }
  transfer::BatchWriter batch(session, table);
  std::uint64_t seen = 0;
  meter.begin_table(table.table.name);
  auto read = reader.read(table, [&](const Row& row) -> Result<void> {
    meter.count(1);
    return seen++ < skip ? Result<void>() : batch.add(row);
  });
  if (!read) return read;
  if (auto done = batch.flush(); !done) return done;
  meter.end_table();
  return session.continue_ids(table);
}

// The target was empty, and the rows are whole.
Error not_taken(const Error& error) {
  return {Errc::refused,
          fmt::format("{}. Does a host or another import write to it? Or does the export lack a "
                      "table to which this one refers?",
                      error.message)};
}

Result<void> import_rows(const DatabaseConfig& config, const ImportOptions& options,
                         const std::vector<TransferTable>& tables, const PresentRows& present,
                         ProgressMeter& meter) {
  auto reader = transfer::open_export(options.path);
  if (!reader) return std::move(reader).error();
  auto session = open_transfer_session(config, transfer::Access::write);
  if (!session) return std::move(session).error();
  bool has_dataset_tables = false;
  for (const auto& table : tables) {
    if (transfer::is_dataset(table) && !std::exchange(has_dataset_tables, true)) {
      // What they are was imported before.
      if (auto made = transfer::make_dataset_tables(config); !made) return made;
    }
    const auto there = present.find(table.table.name);
    const auto skip = there != present.end() ? there->second.rows : 0;
    auto done = import_table(**reader, **session, table, skip, meter);
    if (!done) return done.error().code == Errc::invalid ? not_taken(done.error()) : done.error();
  }
  return {};
}

// Marks the tables of which the target has something else.
Result<void> verify(const DatabaseConfig& config, const std::vector<TransferTable>& tables,
                    const OnTransferProgress& progress, TransferSummary& summary) {
  auto found = digest_target(config, "verifying", tables, progress);
  if (!found) return std::move(found).error();
  for (auto& table : summary.tables) {
    const auto& one = found->at(table.name);
    table.differs = one.rows != table.rows || one.sha256 != table.sha256;
  }
  return {};
}

}  // namespace

Result<TransferSummary> import_database(const DatabaseConfig& config, const ImportOptions& options,
                                        const OnTransferProgress& progress) {
  auto reader = transfer::open_export(options.path);
  if (!reader) return std::move(reader).error();
  const auto& manifest = (*reader)->manifest();
  const auto tables = transfer::fitting_tables(manifest, options.path);
  if (!tables) return tables.error();
  auto present = look_at_target(config, *tables, progress);
  if (!present) return std::move(present).error();

  TransferSummary summary{place_of(config), manifest.format, manifest.schema, {}};
  for (const auto& table : *tables) {
    const auto& wanted = manifest.tables.at(table.table.name);
    summary.tables.push_back(
        {table.table.name, wanted.rows, (*present)[table.table.name].rows, wanted.sha256, false});
  }
  ProgressMeter checking(progress, "checking", summary.rows());
  const auto strangers = check(**reader, *tables, *present, options, checking);
  if (!strangers) return strangers.error();
  if (!strangers->empty()) {
    return Error{Errc::refused,
                 fmt::format("cannot import into {}: it has rows that are not of this export: {}. "
                             "Import into an empty database",
                             place_of(config), fmt::join(*strangers, ", "))};
  }

  if (auto upgraded = upgrade_schema(config, options.app_version); !upgraded) {
    return std::move(upgraded).error();
  }
  ProgressMeter importing(progress, "importing", summary.rows());
  if (auto done = import_rows(config, options, *tables, *present, importing); !done) {
    return std::move(done).error();
  }
  if (!options.verify) return summary;
  if (auto done = verify(config, *tables, progress, summary); !done) {
    return std::move(done).error();
  }
  return summary;
}

}  // namespace unity::db
