#include <fmt/format.h>

#include <iostream>

#include "app/plan.hpp"
#include "commands/support.hpp"

namespace unity::host {

int check_config_command(const CommonOptions& common) {
  auto outcome = load_config(common.config, process_environment());
  auto found = outcome.diagnostics;
  std::size_t collectors = 0;
  if (outcome.config) {
    const auto plugins = scan_plugins(plugin_dirs(*outcome.config));
    Diagnostics diagnostics;
    if (plugins) {
      collectors = plan_instances(*outcome.config, *plugins, diagnostics).size();
    } else if (!outcome.config->collectors.empty()) {
      diagnostics.error({common.config.string(), 0, 0}, plugins.error().message);
    }
    for (auto& mistake : diagnostics.take(outcome.sources)) found.push_back(std::move(mistake));
  }

  json::Array errors;
  json::Array warnings;
  for (const auto& one : found) {
    auto& list = one.severity == Severity::error ? errors : warnings;
    list.emplace_back(json::Object{{"file", one.location.file},
                                   {"line", one.location.line},
                                   {"column", one.location.column},
                                   {"message", one.message}});
  }
  const bool good = errors.empty();
  if (common.json) {
    print_json(json::Object{{"valid", good},
                            {"collectors", std::uint64_t{collectors}},
                            {"errors", std::move(errors)},
                            {"warnings", std::move(warnings)}});
  } else {
    std::cerr << render(found, outcome.sources);
    print(good ? fmt::format("{} is valid: {} collectors, {} warnings\n", common.config.string(),
                             collectors, warnings.size())
               : fmt::format("{} has {} mistakes\n", common.config.string(), errors.size()));
  }
  return good ? kExitDone : kExitBadConfig;
}

}  // namespace unity::host
