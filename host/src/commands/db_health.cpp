// `unity db health`: whether a database is as it should be and what is to be stored arrives.
#include <fmt/format.h>

#include <algorithm>

#include "base/wall_clock.hpp"
#include "base/words.hpp"
#include "commands/db_support.hpp"
#include "commands/db_timescale.hpp"
#include "control/control.hpp"
#include "unity/db/maintenance.hpp"
#include "unity/db/report.hpp"

namespace unity::host {
namespace {

struct Health {
  json::Value facts{json::Object()};
  std::vector<std::string> problems;

  void problem(std::string text) { problems.push_back(std::move(text)); }
};

void look_at_schema(Health& health, const db::SchemaState& state,
                    const db::SchemaVerification& verification) {
  if (state.current != state.head) {
    health.problem(
        fmt::format("the schema is at {}, this version of unity wants {}: run `unity "
                    "db upgrade`",
                    state.current, state.head));
  }
  json::Array findings;
  for (const auto& finding : findings_of(verification)) {
    findings.emplace_back(finding);
    health.problem(finding);
  }
  health.facts.set("schema", json::Object{{"current", state.current},
                                          {"head", state.head},
                                          {"findings", std::move(findings)}});
}

void look_at_jobs(Health& health, const std::vector<db::JobState>& jobs, Time now) {
  json::Array list;
  for (const auto& job : jobs) {
    const auto name = job.target.empty() ? job.job : job.job + " " + job.target;
    const bool is_late = db::is_overdue(job, now);
    if (job.last_status == "failed") {
      health.problem(fmt::format("the job {} has failed: {}", name, job.last_error));
    } else if (is_late) {
      health.problem(fmt::format(
          "the job {} has not succeeded since {}: is a host running?", name,
          job.last_success ? to_rfc3339(*job.last_success) : std::string("it first ran")));
    }
    list.emplace_back(json::Object{{"job", job.job},
                                   {"target", job.target},
                                   {"status", job.last_status},
                                   {"last_success", time_or_null(job.last_success)},
                                   {"runs", job.total_runs},
                                   {"failures", job.total_failures},
                                   {"overdue", is_late}});
  }
  health.facts.set("jobs", std::move(list));
}

// Those of TimescaleDB's own. A remark is advice, no problem.
void look_at_policies(Health& health, const std::optional<db::TimescaleState>& timescale) {
  if (!timescale) return;
  for (const auto& job : timescale->jobs) {
    if (job.last_status != "Failed") continue;
    health.problem(
        fmt::format("the job {} of TimescaleDB ({}) has failed: look at "
                    "timescaledb_information.job_errors",
                    job.id, job.what));
  }
}

// What the running host says of this storage: whether it takes records, and how far it is behind.
void look_at_host(Health& health, const Config& config, const StorageConfig& storage) {
  const auto status = ask_host(config.state_dir, json::Object{{"command", "status"}});
  if (!status) {
    health.facts.set("host", json::Object{{"answers", false}, {"why", status.error().message}});
    return;
  }
  json::Value told{json::Object{{"answers", true}}};
  const auto* storages = status->find("storages");
  for (const auto& one :
       storages != nullptr && storages->array() != nullptr ? *storages->array() : json::Array()) {
    if (json::text_of(one, "id") != storage.id) continue;
    if (const auto problem = json::text_of(one, "problem"); !problem.empty()) {
      health.problem("the host cannot store: " + problem);
    }
    const auto* account = one.find("accounting");
    const auto* waiting = account != nullptr ? account->find("in_flight") : nullptr;
    told.set("waiting", waiting != nullptr ? *waiting : json::Value());
    for (const auto* name : {"circuit", "problem", "last_commit_ms", "pool"}) {
      if (const auto* value = one.find(name)) told.set(name, *value);
    }
  }
  health.facts.set("host", std::move(told));
}

void set_pool(Health& health, const db::DatabaseConfig& database) {
  if (database.type == "sqlite") return;
  const auto& pool = database.server.pool;
  const auto seconds = [](Duration time) { return std::chrono::duration<double>(time).count(); };
  health.facts.set("pool_settings",
                   json::Object{{"pool_size", static_cast<std::uint64_t>(pool.pool_size)},
                                {"max_overflow", static_cast<std::uint64_t>(pool.max_overflow)},
                                {"pool_timeout_seconds", seconds(pool.pool_timeout)},
                                {"pool_recycle_seconds", seconds(pool.pool_recycle)},
                                {"max_waiters", static_cast<std::uint64_t>(pool.max_waiters)}});
}

std::string describe_host(const json::Value& host) {
  const auto* answers = host.find("answers");
  if (answers == nullptr || answers->boolean() == nullptr || !*answers->boolean()) {
    return "none answers, so nothing is known of what waits to be stored";
  }
  const auto* waiting = host.find("waiting");
  auto text = waiting == nullptr || waiting->is_null()
                  ? std::string("running, without this storage")
                  : fmt::format("{} records wait to be stored, the last commit took {:.1f} ms",
                                waiting->integer(), host.find("last_commit_ms")->number());
  if (const auto* pool = host.find("pool"); pool != nullptr && pool->object() != nullptr) {
    text +=
        fmt::format("\nconnections {} in use, {} idle, {} waiting", pool->find("in_use")->integer(),
                    pool->find("idle")->integer(), pool->find("waiting")->integer());
  }
  return text;
}

void print_health(const Health& health, const db::ServerFacts& server, std::size_t jobs,
                  const std::string& timescale) {
  const auto* schema = health.facts.find("schema");
  print(
      fmt::format("database    {}\nserver      {} {}, {}\nschema      {} of {}\njobs        {}\n"
                  "host        {}\n",
                  server.place, server.product, server.version,
                  bytes_text(static_cast<std::uint64_t>(server.bytes)),
                  schema->find("current")->integer(), schema->find("head")->integer(),
                  jobs == 0 ? "none has run yet" : fmt::format("{}, see `unity db jobs`", jobs),
                  describe_host(*health.facts.find("host"))));
  print(timescale);
  for (const auto& problem : health.problems) print(fmt::format("problem     {}\n", problem));
  if (health.problems.empty()) print("healthy\n");
}

}  // namespace

int db_health_command(const DbOptions& options) {
  return with_storage(
      options.common, [&](const Config& config, const StorageConfig& storage) -> int {
        const auto& database = storage.database;
        const auto server = db::read_server(database);
        if (!server) return report(server.error());
        const auto state = db::schema_state(database);
        if (!state) return report(state.error());
        const auto verification = db::verify_schema(database);
        if (!verification) return report(verification.error());

        Health health;
        look_at_schema(health, *state, *verification);
        std::size_t jobs_known = 0;
        // Without the tables there are no jobs to ask for, which has been said.
        if (const auto jobs = db::read_jobs(database)) {
          jobs_known = jobs->size();
          look_at_jobs(health, *jobs, wall_now());
        } else if (jobs.error().code == Errc::unavailable) {
          return report(jobs.error());
        }
        set_pool(health, database);
        look_at_host(health, config, storage);
        const auto timescale = db::timescale_state(database);
        if (!timescale) return report(timescale.error());
        health.facts.set("timescaledb", to_json(*timescale));
        look_at_policies(health, *timescale);
        if (options.common.json) {
          json::Value all{json::Object{{"place", server->place},
                                       {"product", server->product},
                                       {"version", server->version},
                                       {"bytes", server->bytes},
                                       {"healthy", health.problems.empty()},
                                       {"problems", json::array_of(health.problems)}}};
          for (const auto& [name, value] : *health.facts.object()) all.set(name, value);
          print_json(all);
        } else {
          print_health(health, *server, jobs_known, describe(*timescale));
        }
        return health.problems.empty() ? kExitDone : kExitDifferences;
      });
}

}  // namespace unity::host
