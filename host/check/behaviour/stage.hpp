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

// What an instance came to that was made, used in every way its table offers, and destroyed.
struct Life {
  Outcome created;
  bool made = false;
  std::vector<Outcome> worked;

  // The last of it: how the last run ended, or create() if it failed.
  const Outcome& last() const { return worked.empty() ? created : worked.back(); }
};
Life live(const Subject& subject, const std::string& name = "one", int works = 2);
Life live_with(const Subject& subject, const std::string& config, const std::string& name,
               int works);

// Lives on the usual host and on one whose first calls fail: where breaches show. Says so as a
// reason to skip if nothing could be made on the usual host.
void live_well_and_badly(const Subject& subject, Findings& findings);

}  // namespace unity::check
