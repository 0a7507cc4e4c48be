// Questions to an SQLite file about itself.
#pragma once

#include "report/ask_session.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

Result<std::unique_ptr<AskSession>> open_sqlite_ask_session(const DatabaseConfig& config);

}  // namespace unity::db
