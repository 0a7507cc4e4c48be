#include "commands/support.hpp"

#include <cstdio>
#include <iostream>

namespace unity::host {

std::optional<LoadOutcome> load_and_report(const CommonOptions& common) {
  auto outcome = load_config(common.config, process_environment());
  std::cerr << render(outcome.diagnostics, outcome.sources);
  if (!outcome.config) return std::nullopt;
  return outcome;
}

int report(const Error& error) {
  std::cerr << "unity: " << error.message << "\n";
  return exit_code_of(error);
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_json(const json::Value& value) { print(json::dump(value, json::Style::pretty) + "\n"); }

}  // namespace unity::host
