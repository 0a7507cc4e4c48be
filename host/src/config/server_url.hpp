// The part of a database URL that names a server: user:password@host:port/name?sslmode=require
#pragma once

#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/db/open.hpp"

namespace unity::host {

// With others a client may use the file or not, and go on without protection if it fails.
inline constexpr std::string_view kUnverified =
    "`sslrootcert` needs the sslmode verify-ca or verify-full";

// `rest` is what follows "://". Names and the password may hold %XX. Messages repeat nothing of it.
Result<db::DatabaseConfig> parse_server_url(std::string_view type, std::string_view rest);

}  // namespace unity::host
