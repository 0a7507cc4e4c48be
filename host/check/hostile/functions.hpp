// The tables that the hostile host hands out.
#pragma once

#include "unity/plugin.h"

namespace unity::check {

extern const unity_host_api kHostFunctions;
extern const unity_call_api kCallFunctions;
extern const unity_stream_api kStreamFunctions;

// What stands where a later minor would have more functions: notes that it was called.
void trap();

}  // namespace unity::check
