// What groups D to F begin with: a plugin on the hostile host, and options with which its
// collectors can be made.
#pragma once

#include <functional>

#include "check/behaviour/configs.hpp"
#include "check/context.hpp"
#include "check/entry/library.hpp"
#include "check/hostile/instance.hpp"
#include "check/hostile/world.hpp"

namespace unity::check {

// One collector with the options that the checks use for it.
struct Subject {
  const Collector& collector;
  const Plugin& plugin;
  std::string config;  // JSON, valid against its schema
};

// Calls `check` for each collector. A plugin that cannot be loaded is a finding.
void for_each_subject(const Context& context, Findings& findings,
                      const std::function<void(const Subject&)>& check);

// create(); if it fails, says so as a reason to skip and returns false.
bool create_or_skip(Instance& instance, Findings& findings);

}  // namespace unity::check
