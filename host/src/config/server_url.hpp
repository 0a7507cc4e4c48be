// The part of a database URL that names a server: user:password@host:port/name?sslmode=require
#pragma once

#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/db/open.hpp"

namespace unity::host {

// `rest` is what follows "://". Names and the password may hold %XX. Messages repeat nothing of it.
Result<db::DatabaseConfig> parse_server_url(std::string_view type, std::string_view rest);

}  // namespace unity::host
