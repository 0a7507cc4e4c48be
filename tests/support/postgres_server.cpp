#include "support/postgres_server.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace unity::test {
namespace {

constexpr const char* kFolders[] = {"/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/17/bin",
                                    "/usr/lib/postgresql/16/bin"};
constexpr auto kPatience = std::chrono::seconds(60);

std::string find_programs() {
  for (const auto* folder : kFolders) {
    if (std::filesystem::exists(std::string(folder) + "/postgres")) return folder;
  }
  throw std::runtime_error("the tests need a PostgreSQL server: apt-get install postgresql");
}

void execute(const std::string& settings, const std::string& sql) {
  PGconn* connection = PQconnectdb(settings.c_str());
  PGresult* result = PQexec(connection, sql.c_str());
  const bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
  const std::string message = PQerrorMessage(connection);
  PQclear(result);
  PQfinish(connection);
  if (!good) throw std::runtime_error(sql + ": " + message);
}

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server(find_programs(), {}, {});
  return server;
}

std::string PostgresServer::timescale_programs() {
  const auto* folder = std::getenv("UNITY_TEST_TIMESCALEDB");
  return folder != nullptr ? folder : "";
}

PostgresServer& PostgresServer::with_timescale() {
  // Its jobs run when a test says so, and not by themselves; sessions that do not ask for more may
  // unpack next to nothing. Nobody pulls its plug.
  static PostgresServer server(timescale_programs(),
                               "shared_preload_libraries = 'timescaledb'\n"
                               "timescaledb.telemetry_level = off\n"
                               "timescaledb.max_background_workers = 0\n"
                               "timescaledb.max_tuples_decompressed_per_dml_transaction = 10\n"
                               "fsync = off\n",
                               "timescaledb");
  return server;
}

// SIGQUIT: at once, but leaving nothing behind.
PostgresServer::PostgresServer(std::string programs, const std::string& settings,
                               std::string extension)
    : programs_(std::move(programs)),
      extension_(std::move(extension)),
      server_("postgres", SIGQUIT) {
  server_.take(folder_.path());
  const auto data = (folder_ / "data").string();
  server_.run("make a cluster",
              fmt::format("{}/initdb -D {} -U unity -A trust -E UTF8 --locale=C --no-sync",
                          programs_, data),
              folder_ / "log");
  std::ofstream(data + "/pg_hba.conf") << "local all locked scram-sha-256\nlocal all all trust\n";
  std::ofstream(data + "/postgresql.conf", std::ios::app) << fmt::format(
      "\nlisten_addresses = ''\nunix_socket_directories = '{}'\n"
      "shared_buffers = 32MB\nmax_connections = 60\nlog_min_messages = fatal\n{}",
      folder_.path().string(), settings);
  start();
}

db::DatabaseConfig PostgresServer::make_database() {
  if (extension_.empty()) return make_plain_database();
  // Making an extension takes seconds, copying a database that has it does not.
  if (extended_.empty()) {
    const auto first = make_plain_database().server;
    execute(fmt::format("host={} user=unity dbname={}", first.host, first.database),
            "CREATE EXTENSION " + extension_);
    extended_ = first.database;
  }
  return copy_of(extended_);
}

db::DatabaseConfig PostgresServer::make_plain_database() { return copy_of("template1"); }

db::DatabaseConfig PostgresServer::copy_of(const std::string& original) {
  db::DatabaseConfig config{"postgresql", {}};
  config.server.host = folder_.path().string();
  config.server.username = "unity";
  config.server.database = fmt::format("test_{}", ++databases_);
  execute(fmt::format("host={} user=unity dbname=postgres", config.server.host),
          fmt::format("CREATE DATABASE {} TEMPLATE {}", config.server.database, original));
  return config;
}

void PostgresServer::kill() {
  const auto pid = server_.pid();
  if (pid == 0) return;
  // Those that serve a session would live on until they notice, and may still commit.
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", pid));
  server_.freeze();  // starts no more of them
  std::vector<pid_t> sessions{std::istream_iterator<pid_t>(children), {}};
  for (const auto session : sessions) ::kill(session, SIGKILL);
  server_.stop(SIGKILL);
}

void PostgresServer::start() {
  const auto settings = fmt::format("host={} dbname=postgres", folder_.path().string());
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    // Of a server that was killed, some processes may still be leaving: then it ends again.
    if (server_.has_ended()) {
      server_.start(fmt::format("{}/postgres -D {}", programs_, (folder_ / "data").string()),
                    folder_ / "log");
    }
    if (PQping(settings.c_str()) == PQPING_OK) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("the PostgreSQL server does not start");
}

}  // namespace unity::test
