// Questions to a PostgreSQL server about itself.
#pragma once

#include "report/ask_session.hpp"
#include "unity/db/server_config.hpp"

namespace unity::db::postgres {

Result<std::unique_ptr<AskSession>> open_ask_session(const ServerConfig& config);

}  // namespace unity::db::postgres
