#include "support/postgres_server.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace unity::test {
namespace {

constexpr const char* kFolders[] = {"/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/17/bin",
                                    "/usr/lib/postgresql/16/bin"};
constexpr auto kPatience = std::chrono::seconds(60);

std::string programs() {
  for (const auto* folder : kFolders) {
    if (std::filesystem::exists(std::string(folder) + "/postgres")) return folder;
  }
  throw std::runtime_error("the tests need a PostgreSQL server: apt-get install postgresql");
}

// A server refuses to run as root.
const passwd* server_user() {
  if (geteuid() != 0) return nullptr;
  const auto* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
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
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() {
  const auto* user = server_user();
  if (user != nullptr && chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("cannot give the server its folder");
  }
  const auto data = (folder_ / "data").string();
  run("make a cluster", "initdb",
      fmt::format("-D {} -U unity -A trust -E UTF8 --locale=C --no-sync", data));
  std::ofstream(data + "/pg_hba.conf") << "local all locked scram-sha-256\nlocal all all trust\n";
  std::ofstream(data + "/postgresql.conf", std::ios::app) << fmt::format(
      "\nlisten_addresses = ''\nunix_socket_directories = '{}'\n"
      "shared_buffers = 32MB\nmax_connections = 60\nlog_min_messages = fatal\n",
      folder_.path().string());
  start();
}

PostgresServer::~PostgresServer() {
  if (server_ == 0) return;
  ::kill(server_, SIGQUIT);  // at once, but leaving nothing behind
  waitpid(server_, nullptr, 0);
}

db::DatabaseConfig PostgresServer::make_database() {
  db::DatabaseConfig config{"postgresql", {}};
  config.server.host = folder_.path().string();
  config.server.username = "unity";
  config.server.database = fmt::format("test_{}", ++databases_);
  execute(fmt::format("host={} user=unity dbname=postgres", config.server.host),
          fmt::format("CREATE DATABASE {}", config.server.database));
  return config;
}

void PostgresServer::kill() {
  if (server_ == 0) return;
  // Those that serve a session would live on until they notice, and may still commit.
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", server_));
  ::kill(server_, SIGSTOP);  // starts no more of them
  std::vector<pid_t> sessions{std::istream_iterator<pid_t>(children), {}};
  for (const auto pid : sessions) ::kill(pid, SIGKILL);
  ::kill(server_, SIGKILL);
  waitpid(server_, nullptr, 0);
  server_ = 0;
}

void PostgresServer::freeze() { ::kill(server_, SIGSTOP); }
void PostgresServer::thaw() { ::kill(server_, SIGCONT); }

void PostgresServer::start() {
  const auto settings = fmt::format("host={} dbname=postgres", folder_.path().string());
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    // Of a server that was killed, some processes may still be leaving: then it ends again.
    if (server_ == 0 || waitpid(server_, nullptr, WNOHANG) == server_) {
      server_ = spawn(fmt::format("exec {}/postgres -D {} >>{} 2>&1", programs(),
                                  (folder_ / "data").string(), (folder_ / "log").string()));
    }
    if (PQping(settings.c_str()) == PQPING_OK) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("the PostgreSQL server does not start");
}

void PostgresServer::run(const std::string& what, const std::string& program,
                         const std::string& arguments) {
  const auto log = (folder_ / "log").string();
  const auto child =
      spawn(fmt::format("exec {}/{} {} >>{} 2>&1", programs(), program, arguments, log));
  int status = -1;
  if (waitpid(child, &status, 0) != child || status != 0) {
    throw std::runtime_error(fmt::format("cannot {}: see {}", what, log));
  }
}

pid_t PostgresServer::spawn(const std::string& command) {
  const auto* user = server_user();
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  if (user != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(1);
  }
  // At once, and with all its processes, however this program ends. After setuid, which clears it.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (getppid() != parent || chdir("/") != 0) _exit(1);
  execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  _exit(127);
}

}  // namespace unity::test
