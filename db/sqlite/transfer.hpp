// Moves rows out of an SQLite file and into one.
#pragma once

#include <memory>

#include "transfer/transfer_session.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

// The file must be there.
Result<std::unique_ptr<transfer::TransferSession>> open_sqlite_transfer(
    const DatabaseConfig& config, transfer::Access access);

}  // namespace unity::db
