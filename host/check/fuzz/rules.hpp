// Group F: what nobody thought of.
#pragma once

#include "check/context.hpp"

namespace unity::check {

Check check_scenarios;  // F46

}  // namespace unity::check
