// What the library is told before it connects: who we are, and how the line is to be protected.
#pragma once

#include <mysql.h>

#include <string>

#include "unity/core/base/result.hpp"
#include "unity/db/server_config.hpp"

namespace unity::db::mariadb {

// "unity on nas:3306", "unity on /run/mysqld/mysqld.sock"
std::string place_of(const ServerConfig& config);

struct Login {
  std::string host;    // empty: by the socket
  std::string socket;  // empty: by TCP
  std::string user;
  unsigned port;
};

Login make_login(const ServerConfig& config);

// Before connecting: encoding, TLS, and that nothing blocks.
void set_options(MYSQL* handle, const ServerConfig& config);
// After connecting: refused unless the line is as protected as `sslmode` asks for.
Result<void> check_protection(MYSQL* handle, const ServerConfig& config);

}  // namespace unity::db::mariadb
