// Compiled with the header of 1.0 as it was released: what the host takes for the first sizes are
// those.
#include "worker/runtime/first_size.hpp"

static_assert(UNITY_ABI_LATEST == UNITY_ABI(1, 0));
static_assert(unity::host::kFirstSize<unity_batch> == sizeof(unity_batch));
static_assert(unity::host::kFirstSize<unity_error> == sizeof(unity_error));
static_assert(unity::host::kFirstSize<unity_collector> == sizeof(unity_collector));
static_assert(unity::host::kFirstSize<unity_plugin> == sizeof(unity_plugin));
