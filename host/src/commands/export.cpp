#include <fmt/format.h>

#include "base/words.hpp"
#include "commands/moment.hpp"
#include "commands/support.hpp"
#include "commands/transfer.hpp"
#include "host_version.hpp"

namespace unity::host {

int export_command(const ExportCommandOptions& options) {
  db::ExportOptions wanted{options.format, options.output, options.tables, std::nullopt,
                           std::string(kHostVersion)};
  if (!options.since.empty()) {
    wanted.since = parse_moment(options.since);
    if (!wanted.since) {
      return report_usage({Errc::invalid, fmt::format("--since {} is not a time; write it like "
                                                      "2026-01-31T12:00:00Z, or -7d for seven days "
                                                      "ago",
                                                      options.since)});
    }
    // Else the first hour and day would have their numbers, but not what is computed of them.
    wanted.since = std::chrono::floor<std::chrono::days>(*wanted.since);
  }
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    Result<db::TransferSummary> done = [&] {
      TransferScreen screen;
      return db::export_database(database, wanted, screen.listener());
    }();
    if (!done) {
      // A table that is not there; all else that can go wrong is not the command line.
      return done.error().code == Errc::invalid ? report_usage(done.error()) : report(done.error());
    }
    if (options.common.json) {
      auto document = to_json(*done);
      document.set("output", options.output);
      document.set("since", time_or_null(wanted.since));
      print_json(document);
    } else {
      print(fmt::format("exported {} rows of {} tables from {} to {}{}\n", count_text(done->rows()),
                        done->tables.size(), done->place, options.output,
                        wanted.since ? fmt::format(", since the day of UTC that begins at {}",
                                                   to_rfc3339(*wanted.since))
                                     : ""));
    }
    return kExitDone;
  });
}

}  // namespace unity::host
