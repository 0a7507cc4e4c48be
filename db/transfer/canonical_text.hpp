// Single values in canonical form (canonical.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "unity/core/base/time.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db::transfer {

// "2026-01-31T12:00:00.250000Z", of a year from 1 to 9999.
void append_time(std::string& out, Time time);
// Zero has no sign: SQLite does not keep it.
void append_real(std::string& out, double value);
std::optional<double> parse_real(std::string_view text);
// Of 16 bytes: "0190c1de-7c00-7abc-8def-0123456789ab".
void append_uuid(std::string& out, std::string_view bytes);
std::optional<std::string> parse_uuid(std::string_view text);

// JSONB keeps numbers by their value, so 1e2, 100.0 and 100 are one.
std::string to_canonical_json(const json::Value& value);

}  // namespace unity::db::transfer
