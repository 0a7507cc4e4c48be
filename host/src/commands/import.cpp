#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/words.hpp"
#include "commands/support.hpp"
#include "commands/transfer.hpp"
#include "host_version.hpp"
#include "unity/db/schema.hpp"

namespace unity::host {
namespace {

std::vector<std::string> differing_tables(const db::TransferSummary& summary) {
  std::vector<std::string> names;
  for (const auto& table : summary.tables) {
    if (table.differs) names.push_back(table.name);
  }
  return names;
}

std::uint64_t rows_before(const db::TransferSummary& summary) {
  std::uint64_t rows = 0;
  for (const auto& table : summary.tables) rows += table.rows_before;
  return rows;
}

std::string to_text(const db::TransferSummary& summary, bool verified) {
  const auto before = rows_before(summary);
  auto text = fmt::format("imported {} rows of {} tables into {}", count_text(summary.rows()),
                          summary.tables.size(), summary.place);
  if (before > 0) text += fmt::format(", {} of which were there already", count_text(before));
  return text + (verified ? "; read back, it is all the same\n" : "\n");
}

}  // namespace

int import_command(const ImportCommandOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    if (database.type == "sqlite") {
      if (const auto made = db::create_database(database); !made) return report(made.error());
    }
    const db::ImportOptions wanted{options.input, options.verify, std::string(kHostVersion)};
    Result<db::TransferSummary> done = [&] {
      TransferScreen screen;
      return db::import_database(database, wanted, screen.listener());
    }();
    if (!done) return report(done.error());
    const auto differing = differing_tables(*done);
    if (options.common.json) {
      auto document = to_json(*done);
      document.set("input", options.input);
      document.set("rows_before", rows_before(*done));
      document.set("verified", options.verify && differing.empty());
      document.set("differing_tables", json::array_of(differing));
      print_json(document);
    }
    if (!differing.empty()) {
      report({Errc::internal,
              fmt::format("imported {}, but read back from {} these tables are not what was "
                          "exported: {}. Does a host write to it?",
                          options.input, done->place, fmt::join(differing, ", "))});
      return kExitDifferences;
    }
    if (!options.common.json) print(to_text(*done, options.verify));
    return kExitDone;
  });
}

}  // namespace unity::host
