// Groups D and E, and the one on which they build: what the plugin does, on hosts that are older,
// later, poorer and nastier than its author's.
#pragma once

#include "check/context.hpp"

namespace unity::check {

Check check_plain_life;  // C47

Check check_host_older;       // D21
Check check_host_later;       // D22
Check check_host_bare;        // D23
Check check_host_parameters;  // D24

Check check_life_leaks;     // E25
Check check_life_config;    // E26
Check check_life_failure;   // E27
Check check_life_together;  // E28
Check check_life_threads;   // E29
Check check_rows;           // E30
Check check_host_faults;    // E31
Check check_secrets;        // E32
Check check_state;          // E33
Check check_borrowing;      // E34
Check check_pointers;       // E35
Check check_thread_marks;   // E36
Check check_cancelling;     // E37
Check check_deadlines;      // E38
Check check_reconfigure;    // E39
Check check_streaming;      // E40
Check check_exceptions;     // E41
Check check_hygiene;        // E42
Check check_clocks;         // E44

}  // namespace unity::check
