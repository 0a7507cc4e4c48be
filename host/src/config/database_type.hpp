// The kinds of database there are, and DATABASE_URL.
#pragma once

#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/db/open.hpp"

namespace unity::host {

// What a name means that people also use: "mysql" is the type "mariadb", "postgres" "postgresql".
std::string_view database_type_of(std::string_view name);

// An error unless this version can use databases of this type.
Result<void> check_database_type(std::string_view type);

// "sqlite:///file.db" (relative to the state folder), "sqlite:////full/path.db",
// "postgresql://user:password@host/name", "mariadb://…", … A driver ("postgresql+asyncpg") is
// ignored. Messages never repeat more than the scheme: the rest may hold a password.
Result<db::DatabaseConfig> parse_database_url(std::string_view url);

}  // namespace unity::host
