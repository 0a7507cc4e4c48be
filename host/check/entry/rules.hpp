// Group C: loading it, its entry and its tables.
#pragma once

#include "check/context.hpp"

namespace unity::check {

Check check_load;             // C16
Check check_entry;            // C17
Check check_tables;           // C18
Check check_tables_manifest;  // C19
Check check_entry_strange;    // C20

}  // namespace unity::check
