// What a migration means, as a hash: independent of how it is rendered, so that prettier SQL does
// not make old databases look tampered with.
#pragma once

#include <string>
#include <string_view>

#include "migrate/ops.hpp"
#include "unity/core/base/sha256.hpp"

namespace unity::db {

// Of the operations as `dialect` sees them: the views of other dialects and what it cannot do do
// not count, so that supporting a new database changes no checksum.
Sha256 checksum(std::span<const Op> ops, Dialect dialect);

// Comments stripped and whitespace collapsed, outside quotes.
std::string normalise_sql(std::string_view sql);

}  // namespace unity::db
