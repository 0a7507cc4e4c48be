#include "postgres/create.hpp"

#include <fmt/format.h>

#include "postgres/connection.hpp"

namespace unity::db::postgres {
namespace {

constexpr const char* kKeeperDatabase = "postgres";  // every server has it
constexpr std::string_view kCreating = "create a database with";

// As an identifier in SQL.
std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string(2, c) : std::string(1, c);
  return quoted + '"';
}

Result<void> execute_in(const ServerConfig& server, const std::string& sql,
                        std::string_view doing) {
  auto connection = Connection::open(server);
  if (!connection) return std::move(connection).error();
  return connection->execute(sql, doing);
}

}  // namespace

Result<bool> create_database(const DatabaseConfig& config) {
  auto opened = Connection::open(config.server);
  if (opened) return false;
  if (opened.error().code != Errc::refused) return std::move(opened).error();
  auto keeper = config.server;
  keeper.database = kKeeperDatabase;
  auto connection = Connection::open(keeper);
  // The first failure says more, as of a wrong password.
  if (!connection) return std::move(opened).error();
  auto found = connection->query("SELECT 1 FROM pg_database WHERE datname = $1",
                                 Parameters(config.server.database), kCreating);
  if (!found) return std::move(found).error();
  if (found->size() > 0) return std::move(opened).error();
  auto created =
      connection->execute(fmt::format("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE "
                                      "template0",
                                      quoted_name(config.server.database)),
                          fmt::format("create the database {} with", config.server.database));
  if (!created) return std::move(created).error();
  return true;
}

Result<Scratch> make_scratch(const DatabaseConfig& config) {
  auto scratch = config;
  scratch.server.schema = make_scratch_name("unity");
  const auto& name = scratch.server.schema;
  auto made = execute_in(config.server, fmt::format("CREATE SCHEMA {}", quoted_name(name)),
                         "create a schema in");
  if (!made) return std::move(made).error();
  const auto drop = [server = config.server, name] {
    return execute_in(server, fmt::format("DROP SCHEMA {} CASCADE", quoted_name(name)),
                      fmt::format("drop the schema {} of", name));
  };
  return Scratch(scratch, fmt::format("schema {} of {}", name, place_of(config.server)), drop);
}

}  // namespace unity::db::postgres
