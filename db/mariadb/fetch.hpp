// Takes over what a statement gave.
#pragma once

#include <mysql.h>

#include <optional>

#include "mariadb/rows.hpp"

namespace unity::db::mariadb {

// All rows of a stored result, which is freed; no waiting. Nothing if the library fails: it tells
// why.
std::optional<Rows> copy_rows(MYSQL_STMT* statement);

}  // namespace unity::db::mariadb
