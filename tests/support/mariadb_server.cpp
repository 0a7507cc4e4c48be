#include "support/mariadb_server.hpp"

#include <fmt/format.h>
#include <mysql.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace unity::test {
namespace {

constexpr const char* kServer = "/usr/sbin/mariadbd";
constexpr const char* kInstall = "/usr/bin/mariadb-install-db";
constexpr auto kMariadbPatience = std::chrono::seconds(60);

// False if nobody answers; throws if a statement fails.
bool execute(const std::string& socket, std::initializer_list<std::string> statements) {
  MYSQL* connection = mysql_init(nullptr);
  std::string failure;
  const bool connected = mysql_real_connect(connection, nullptr, "root", nullptr, nullptr, 0,
                                            socket.c_str(), 0) != nullptr;
  for (const auto& sql : statements) {
    if (!connected || !failure.empty()) break;
    if (mysql_query(connection, sql.c_str()) != 0) failure = sql + ": " + mysql_error(connection);
  }
  mysql_close(connection);
  if (!failure.empty()) throw std::runtime_error(failure);
  return connected;
}

}  // namespace

MariadbServer& MariadbServer::shared() {
  static MariadbServer server;
  return server;
}

MariadbServer::MariadbServer() : server_("mysql", SIGKILL) {
  for (const auto* program : {kServer, kInstall}) {
    if (std::filesystem::exists(program)) continue;
    throw std::runtime_error("the tests need a MariaDB server: apt-get install mariadb-server");
  }
  server_.take(folder_.path());
  server_.run("make a MariaDB data folder",
              fmt::format("{} --no-defaults --datadir={} --auth-root-authentication-method=normal "
                          "--skip-test-db",
                          kInstall, (folder_ / "data").string()),
              folder_ / "log");
  start();
  execute((folder_ / "mysqld.sock").string(),
          {"CREATE USER unity@localhost", "GRANT ALL ON `test\\_%`.* TO unity@localhost"});
}

db::DatabaseConfig MariadbServer::make_database() {
  db::DatabaseConfig config{"mariadb", {}};
  config.server.host = folder_.path().string();
  config.server.username = "unity";
  config.server.database = fmt::format("test_{}", ++databases_);
  execute((folder_ / "mysqld.sock").string(),
          {fmt::format("CREATE DATABASE {}", config.server.database)});
  return config;
}

void MariadbServer::kill() { server_.stop(SIGKILL); }

void MariadbServer::start() {
  const auto in = [this](const char* name) { return (folder_ / name).string(); };
  const auto end = std::chrono::steady_clock::now() + kMariadbPatience;
  while (std::chrono::steady_clock::now() < end) {
    if (server_.has_ended()) {
      // What was committed must survive the server, and need not survive the machine.
      server_.start(
          fmt::format("{} --no-defaults --datadir={} --socket={} --pid-file={} --tmpdir={} "
                      "--skip-networking --max-connections=100 --innodb-buffer-pool-size=64M "
                      "--innodb-log-file-size=32M --innodb-flush-log-at-trx-commit=2 "
                      "--innodb-flush-method=nosync --debug-no-sync",
                      kServer, in("data"), in("mysqld.sock"), in("pid"), folder_.path().string()),
          folder_ / "log");
    }
    if (execute(in("mysqld.sock"), {})) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("the MariaDB server does not start");
}

}  // namespace unity::test
