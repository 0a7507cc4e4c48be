// Sessions with one server, shared.
#pragma once

#include "mariadb/connection.hpp"
#include "pool/pool.hpp"

namespace unity::db::mariadb {

using SessionPool = Pool<Connection>;

}  // namespace unity::db::mariadb
