// How the commands of `unity db` show what a database has of TimescaleDB.
#pragma once

#include <optional>
#include <string>

#include "unity/core/json/value.hpp"
#include "unity/db/timescale.hpp"

namespace unity::host {

// Null if there is nothing of it.
json::Value to_json(const std::optional<db::TimescaleState>& state);
// Lines in the form of the commands; empty if there is nothing of it.
std::string describe(const std::optional<db::TimescaleState>& state);

}  // namespace unity::host
