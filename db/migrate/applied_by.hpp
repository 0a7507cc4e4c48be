// Who applies a migration, for the person who wonders later.
#pragma once

#include <string>

namespace unity::db {

// "uid 998 on nas, pid 4711"
std::string applied_by();

}  // namespace unity::db
