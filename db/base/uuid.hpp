// UUID version 7: row identities that sort by creation and need no server to make them.
#pragma once

#include <string>

#include "unity/core/base/time.hpp"

namespace unity::db {

// The 16 bytes, not the text.
std::string make_uuid(Time time);

}  // namespace unity::db
