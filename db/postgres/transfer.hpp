// Moves rows out of a PostgreSQL database and into one.
#pragma once

#include <memory>

#include "transfer/transfer_session.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

Result<std::unique_ptr<transfer::TransferSession>> open_postgres_transfer(
    const DatabaseConfig& config, transfer::Access access);

}  // namespace unity::db
