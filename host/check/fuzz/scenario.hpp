// One random life of a plugin: calls in any order that the ABI allows, on a host with random
// faults, options and tokens. Everything in it follows from its seed.
#pragma once

#include "check/behaviour/stage.hpp"

namespace unity::check {

// Plays the scenario of this seed and reports what breaks the contract, each with the seed and the
// calls that led to it.
void play_scenario(const Plugin& plugin, const std::vector<std::string>& configs,
                   std::uint64_t seed, Findings& findings);

}  // namespace unity::check
