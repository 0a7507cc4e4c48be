// Runs the rules over one plugin, each in a process of its own, two at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "check/options.hpp"
#include "check/report/report.hpp"

namespace unity::check {

struct RunPlan {
  std::filesystem::path checker;  // the program unity-check
  std::filesystem::path plugin;
  std::vector<const Rule*> rules;  // in the order of the table
  Options options;
  bool strict = false;  // a warning is a failure
  std::size_t at_once = 2;
  // Told of each as soon as it and all before it are through; may be empty.
  std::function<void(const RuleResult&)> told;
};

// Fails only if checks cannot be started here at all.
Result<Report> run_checks(const RunPlan& plan);

}  // namespace unity::check
