// Each prints one JSON object. `rounds` are made in turn with what it is compared to.
#pragma once

#include "benchmarks/isolation/setup.hpp"

namespace unity::host {

void measure_round_trips(Setup& setup, int rounds);
void measure_streams(Setup& setup, int rounds);
void measure_faults(Setup& setup, int rounds);
void measure_starts(Setup& setup, int rounds);
void measure_memory(Setup& setup);

}  // namespace unity::host
