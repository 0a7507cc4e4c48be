#include "mariadb/create.hpp"

#include <fmt/format.h>

#include "mariadb/connection.hpp"
#include "mariadb/login.hpp"

namespace unity::db::mariadb {
namespace {

constexpr const char* kKeeperDatabase = "information_schema";  // every user sees it
constexpr std::size_t kNameMax = 64;

// As an identifier in SQL.
std::string in_backticks(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) quoted += c == '`' ? std::string(2, c) : std::string(1, c);
  return quoted + '`';
}

Result<void> execute_beside(ServerConfig server, const std::string& sql, std::string_view doing) {
  server.database = kKeeperDatabase;
  auto connection = Connection::open(server);
  if (!connection) return std::move(connection).error();
  return connection->execute(sql, doing);
}

Result<void> create_named(const ServerConfig& server, std::string_view name) {
  return execute_beside(server, fmt::format("CREATE DATABASE {}", in_backticks(name)),
                        fmt::format("create the database {} with", name));
}

}  // namespace

Result<bool> create_database(const DatabaseConfig& config) {
  auto opened = Connection::open(config.server);
  if (opened) return false;
  if (opened.error().code != Errc::refused) return std::move(opened).error();
  // Of a database that it may not use, a user is not told whether it is there. The first failure
  // says more where the user is not known at all.
  if (auto let_in = execute_beside(config.server, "DO 1", "look at"); !let_in) {
    return std::move(opened).error();
  }
  auto created = create_named(config.server, config.server.database);
  if (!created) return std::move(created).error();
  return true;
}

Result<Scratch> make_scratch(const DatabaseConfig& config) {
  auto scratch = config;
  auto prefix = config.server.database;
  prefix.resize(std::min(prefix.size(), kNameMax - make_scratch_name({}).size()));
  scratch.server.database = make_scratch_name(prefix);
  const auto& name = scratch.server.database;
  if (auto made = create_named(config.server, name); !made) return std::move(made).error();
  const auto drop = [server = config.server, name] {
    return execute_beside(server, fmt::format("DROP DATABASE {}", in_backticks(name)),
                          fmt::format("drop the database {} with", name));
  };
  return Scratch(scratch, "database " + place_of(scratch.server), drop);
}

}  // namespace unity::db::mariadb
