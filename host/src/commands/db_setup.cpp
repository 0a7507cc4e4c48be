// `unity db init` and `test`: whether all is there that a host needs.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "base/held_signals.hpp"
#include "base/words.hpp"
#include "commands/db_support.hpp"
#include "commands/db_timescale.hpp"
#include "host_version.hpp"
#include "unity/db/maintenance.hpp"
#include "unity/db/report.hpp"

namespace unity::host {
namespace {

// How many of the objects that the migrations made are of a kind: "table ", "view ".
std::int64_t count_of(const db::SchemaVerification& verification, std::string_view kind) {
  std::int64_t count = 0;
  for (const auto& migration : verification.migrations) {
    count += std::count_if(migration.objects.begin(), migration.objects.end(),
                           [kind](const auto& object) { return object.name.starts_with(kind); });
  }
  return count;
}

const std::string* version_of(const db::ServerFacts& server, std::string_view extension) {
  const auto found = std::find_if(server.extensions.begin(), server.extensions.end(),
                                  [extension](const auto& one) { return one.name == extension; });
  return found == server.extensions.end() ? nullptr : &found->version;
}

json::Value to_json(const db::ServerFacts& server) {
  const auto* timescale = version_of(server, "timescaledb");
  return json::Object{{"product", server.product},
                      {"version", server.version},
                      {"bytes", server.bytes},
                      {"timescaledb", timescale != nullptr ? json::Value(*timescale) : nullptr}};
}

std::string describe(const db::ServerFacts& server) {
  const auto* timescale = version_of(server, "timescaledb");
  auto text = fmt::format("{} {}", server.product, server.version);
  if (server.product == "PostgreSQL") {
    text += timescale != nullptr ? fmt::format(", TimescaleDB {}", *timescale) : ", no TimescaleDB";
  }
  return text;
}

}  // namespace

int db_init_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    const auto created = db::create_database(database);
    if (!created) return report(created.error());
    const auto applied = db::upgrade_schema(database, kHostVersion);
    if (!applied) return report(applied.error());
    const auto server = db::read_server(database);
    if (!server) return report(server.error());
    const auto state = db::schema_state(database);
    if (!state) return report(state.error());
    const auto verification = db::verify_schema(database);
    if (!verification) return report(verification.error());
    const auto jobs = db::read_jobs(database);
    if (!jobs) return report(jobs.error());
    const auto timescale = db::timescale_state(database);
    if (!timescale) return report(timescale.error());

    const auto findings = findings_of(*verification);
    const auto tables = count_of(*verification, "table ");
    const auto views = count_of(*verification, "view ");
    if (options.common.json) {
      json::Array names;
      for (const auto& job : *jobs) names.emplace_back(job.job);
      print_json(json::Object{{"place", server->place},
                              {"server", to_json(*server)},
                              {"created", *created},
                              {"applied", to_json(*applied)},
                              {"current", state->current},
                              {"head", state->head},
                              {"tables", tables},
                              {"views", views},
                              {"jobs", std::move(names)},
                              {"timescaledb", to_json(*timescale)},
                              {"findings", json::array_of(findings)}});
    } else {
      print(fmt::format("database    {}{}\nserver      {}\n", server->place,
                        *created ? " (created)" : "", describe(*server)));
      print(fmt::format(
          "schema      {} of {}, {}\n", state->current, state->head,
          applied->empty() ? "nothing to apply" : fmt::format("{} applied now", applied->size())));
      print(fmt::format("objects     {} tables, {} views\n", tables, views));
      print(fmt::format("jobs        {}\n",
                        jobs->empty()
                            ? "none has run yet: a host runs them each minute"
                            : fmt::format("{} known, see `unity db jobs`", jobs->size())));
      print(describe(*timescale));
      for (const auto& one : findings) print(fmt::format("finding     {}\n", one));
    }
    return findings.empty() ? kExitDone : kExitDifferences;
  });
}

int db_test_command(const DbOptions& options) {
  return with_database(options.common, [&](const db::DatabaseConfig& database) -> int {
    // A file that is not there yet is no reason not to try; a server that is not there is one.
    const auto server = db::read_server(database);
    if (!server && server.error().code != Errc::not_found) return report(server.error());
    const auto rehearsal = [&] {
      const HeldSignals until_the_scratch_is_gone;
      return db::rehearse_schema(database, kHostVersion);
    }();
    if (!rehearsal) return report(rehearsal.error());
    const bool may = rehearsal->why_not.empty();
    if (options.common.json) {
      print_json(json::Object{{"place", db::place_of(database)},
                              {"server", server ? to_json(*server) : json::Value()},
                              {"scratch", may ? json::Value(rehearsal->place) : json::Value()},
                              {"why_not", may ? json::Value() : json::Value(rehearsal->why_not)},
                              {"applied", to_json(rehearsal->applied)},
                              {"taken_back", to_json(rehearsal->taken_back)}});
    } else {
      print(fmt::format("database    {}\n", db::place_of(database)));
      print(fmt::format("server      {}\n", server ? describe(*server) : "no file yet"));
      if (may) {
        print(
            fmt::format("scratch     {}\napplied     {} migrations, as they should be\n"
                        "taken back  {}, and nothing is left\n",
                        rehearsal->place, rehearsal->applied.size(), rehearsal->taken_back.size()));
      }
    }
    if (may) return kExitDone;
    std::cerr << "unity: the connection works, but the migrations were not tried, because the "
                 "role may make no place of its own for that: "
              << rehearsal->why_not << "\n";
    return kExitNotPermitted;
  });
}

}  // namespace unity::host
