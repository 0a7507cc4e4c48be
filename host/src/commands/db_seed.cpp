// `unity db seed`: sample data, apart from migrations.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "app/demo_data.hpp"
#include "base/wall_clock.hpp"
#include "commands/db_support.hpp"
#include "unity/db/open.hpp"
#include "unity/db/report.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kBatch = 1000;

// Sample data among real data would be taken for it.
Result<void> require_no_other_data(const db::DatabaseConfig& database) {
  const auto tables = db::tables_with_data(database, kDemoPlugin);
  if (!tables) return tables.error();
  if (tables->empty()) return {};
  return Error{Errc::refused,
               fmt::format("cannot load sample data into {}: it has data in {}; choose another "
                           "database, or say --force",
                           db::place_of(database), fmt::join(*tables, ", "))};
}

Result<void> store(const db::DatabaseConfig& config, std::span<const Record> records) {
  auto database = db::open_database(config);
  if (!database) return std::move(database).error();
  const PluginInfo plugins[] = {demo_plugin()};
  if (auto done = (*database)->catalog().register_plugins(plugins); !done) return done;
  while (!records.empty()) {
    const auto batch = records.first(std::min(records.size(), kBatch));
    auto rejected = (*database)->storage().write(batch);
    if (!rejected) return std::move(rejected).error();
    if (!rejected->empty()) return Error{Errc::internal, rejected->front().detail};
    records = records.subspan(batch.size());
  }
  return {};
}

}  // namespace

int db_seed_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    if (!options.force) {
      if (auto fit = require_no_other_data(database); !fit) return report(fit.error());
    }
    const auto records = demo_records(wall_now());
    if (auto done = store(database, records); !done) return report(done.error());
    const auto first = to_rfc3339(records.front().time);
    const auto last = to_rfc3339(records.back().time);
    if (options.common.json) {
      print_json(json::Object{{"place", db::place_of(database)},
                              {"records", static_cast<std::uint64_t>(records.size())},
                              {"first", first},
                              {"last", last}});
    } else {
      print(fmt::format("{} holds {} records of sample data, {} to {}\n", db::place_of(database),
                        records.size(), first, last));
    }
    return kExitDone;
  });
}

}  // namespace unity::host
