// What came of all rules, and the forms in which it is shown.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "check/rule.hpp"
#include "check/verdict.hpp"
#include "unity/core/base/time.hpp"

namespace unity::check {

struct RuleResult {
  const Rule* rule = nullptr;
  Findings findings;
  Verdict verdict = Verdict::pass;  // of the findings, after --strict
  std::string output;               // what the check's process wrote, if the check failed
  Duration took{};
};

struct Report {
  std::filesystem::path plugin;
  std::uint64_t seed = 0;
  std::vector<RuleResult> results;  // in the order of the table

  std::size_t count(Verdict verdict) const;
};

// One rule as text: a line, and below it what was found and what to do.
std::string to_text(const RuleResult& result);
// The last line.
std::string summary_text(const Report& report);
std::string to_json(const Report& report);
// As CI systems read it: a test case for each rule.
std::string to_junit(const Report& report);

}  // namespace unity::check
