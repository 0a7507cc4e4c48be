#include "base/now.hpp"
#include "migrate/plan.hpp"
#include "migrations/list.hpp"
#include "registry.hpp"
#include "transfer/dataset_tables.hpp"
#include "transfer/export_writer.hpp"
#include "transfer/progress.hpp"
#include "transfer/references.hpp"
#include "transfer/transfer_session.hpp"
#include "unity/db/schema.hpp"
#include "unity/db/transfer.hpp"

namespace unity::db {

using transfer::Manifest;
using transfer::Row;
using transfer::TableDigest;

std::uint64_t TransferSummary::rows() const {
  std::uint64_t sum = 0;
  for (const auto& table : tables) sum += table.rows;
  return sum;
}

namespace {

Result<void> require_exportable(const DatabaseConfig& config) {
  auto session = look_at_schema(config);
  if (!session) return std::move(session).error();
  if (*session == nullptr) {
    return Error{Errc::refused, "cannot export: a database of type " + config.type +
                                    " keeps nothing; name another with --storage"};
  }
  auto history = (*session)->history();
  if (!history) return std::move(history).error();
  return require_head(all_migrations(), (*session)->dialect(), *history, (*session)->place());
}

Result<transfer::TableSummary> export_table(transfer::TransferSession& session,
                                            const transfer::Selection& selection,
                                            transfer::ExportWriter& writer,
                                            transfer::ProgressMeter& meter) {
  TableDigest digest(selection.what);
  meter.begin_table(selection.what.table.name);
  if (auto begun = writer.begin_table(selection.what); !begun) return std::move(begun).error();
  auto read = session.read(selection, [&](const Row& row) -> Result<void> {
    if (auto added = digest.add(row); !added) return added;
    meter.count(1);
    return writer.add(row, digest.line());
  });
  if (!read) return std::move(read).error();
  if (auto ended = writer.end_table(); !ended) return std::move(ended).error();
  meter.end_table();
  return digest.summary();
}

}  // namespace

Result<TransferSummary> export_database(const DatabaseConfig& config, const ExportOptions& options,
                                        const OnTransferProgress& progress) {
  if (auto good = require_exportable(config); !good) return std::move(good).error();
  auto session = open_transfer_session(config, transfer::Access::read);
  if (!session) return std::move(session).error();
  if (auto begun = (*session)->begin_snapshot(); !begun) return std::move(begun).error();
  auto layouts = transfer::read_layouts(**session, transfer::transfer_tables(schema_head()));
  if (!layouts) return std::move(layouts).error();
  auto tables =
      transfer::choose_tables(transfer::transfer_tables(schema_head(), *layouts), options.tables);
  if (!tables) return std::move(tables).error();
  std::erase_if(*layouts, [&tables](const Layout& one) {
    return transfer::find_table(*tables, one.table()) == nullptr;
  });
  std::uint64_t total = 0;
  for (const auto& table : *tables) {
    const auto rows = (*session)->count({table, options.since});
    if (!rows) return rows.error();
    total += *rows;
  }

  auto writer = transfer::make_export_writer(options.format, options.path, options.app_version);
  if (!writer) return std::move(writer).error();
  Manifest manifest{
      options.app_version, schema_head(), config.type, options.format, now(), options.since, {},
      std::move(*layouts)};
  TransferSummary summary{(*session)->place(), options.format, schema_head(), {}};
  transfer::ProgressMeter meter(progress, "exporting", total);
  for (const auto& table : *tables) {
    auto done = export_table(**session, {table, options.since}, **writer, meter);
    if (!done) return std::move(done).error();
    summary.tables.push_back({table.table.name, done->rows, 0, done->sha256, false});
    manifest.tables.emplace(table.table.name, std::move(*done));
  }
  manifest.left_out = transfer::left_out(manifest);
  if (auto finished = (*writer)->finish(manifest); !finished) return std::move(finished).error();
  return summary;
}

}  // namespace unity::db
