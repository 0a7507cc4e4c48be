#include <fmt/format.h>

#include <iostream>

#include "app/prepare.hpp"
#include "commands/support.hpp"

namespace unity::host {

int check_config_command(const CommonOptions& common) {
  const auto prepared = prepare(common.config, load_config(common.config, process_environment()));
  const auto found = prepared.all_mistakes();
  const auto collectors = prepared.plans.size();

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
    std::cerr << render(found, prepared.loaded.sources);
    print(good ? fmt::format("{} is valid: {} collectors, {} warnings\n", common.config.string(),
                             collectors, warnings.size())
               : fmt::format("{} has {} mistakes\n", common.config.string(), errors.size()));
  }
  return good ? kExitDone : kExitBadConfig;
}

}  // namespace unity::host
