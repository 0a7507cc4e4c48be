// The state of TimescaleDB in a PostgreSQL database.
#pragma once

#include "unity/db/timescale.hpp"

namespace unity::db::postgres {

Result<std::optional<TimescaleState>> timescale_state(const ServerConfig& config);

}  // namespace unity::db::postgres
