#include "unity/db/timescale.hpp"

#include "postgres/timescale_state.hpp"

namespace unity::db {

Result<std::optional<TimescaleState>> timescale_state(const DatabaseConfig& config) {
  if (config.type != "postgresql") return std::optional<TimescaleState>();
  return postgres::timescale_state(config.server);
}

}  // namespace unity::db
