// What the adapters offer beside open.hpp.
#pragma once

#include <memory>

#include "maintenance/maintenance_session.hpp"
#include "migrate/schema_session.hpp"
#include "migrate/scratch.hpp"
#include "report/ask_session.hpp"
#include "transfer/transfer_session.hpp"
#include "unity/db/open.hpp"

namespace unity::db {

// Null: a database of this type has no schema.
Result<std::unique_ptr<SchemaSession>> look_at_schema(const DatabaseConfig& config);
// For changes; creates the database if there is none.
Result<std::unique_ptr<SchemaSession>> open_schema(const DatabaseConfig& config);

// An empty place to try something in. Errc::refused if the role may make none.
Result<Scratch> make_scratch(const DatabaseConfig& config);

// Null: a database of this type has nothing to tell.
Result<std::unique_ptr<AskSession>> open_ask_session(const DatabaseConfig& config);

// Null: a database of this type has nothing to be kept in order.
Result<std::unique_ptr<MaintenanceSession>> open_maintenance_session(const DatabaseConfig& config);

// Errc::refused for a database of a type that keeps nothing.
Result<std::unique_ptr<transfer::TransferSession>> open_transfer_session(
    const DatabaseConfig& config, transfer::Access access);

}  // namespace unity::db
