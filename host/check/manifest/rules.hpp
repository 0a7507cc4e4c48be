// Group B: what the plugin says of itself.
#pragma once

#include "check/context.hpp"

namespace unity::check {

Check check_manifest_note;      // B11
Check check_manifest_identity;  // B12
Check check_manifest_config;    // B13
Check check_manifest_metrics;   // B14

}  // namespace unity::check
