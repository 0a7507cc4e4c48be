// Sessions with one server, shared.
#pragma once

#include "pool/pool.hpp"
#include "postgres/connection.hpp"

namespace unity::db::postgres {

using SessionPool = Pool<Connection>;

}  // namespace unity::db::postgres
