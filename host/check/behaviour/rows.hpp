// Reads what a plugin emitted as a host would, and compares it with the manifest.
#pragma once

#include "check/hostile/instance.hpp"
#include "check/verdict.hpp"
#include "unity/core/model/manifest.hpp"

namespace unity::check {

// Every record of one run that succeeded. Returns how many there were. `now_unix_ns` is the host's
// clock, which the records' times must be near.
std::size_t check_records(const Manifest& manifest, const CollectorSpec& collector,
                          const Outcome& run, std::int64_t now_unix_ns, Findings& findings);

}  // namespace unity::check
