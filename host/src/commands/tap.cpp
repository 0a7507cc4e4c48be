// `unity tap`: records of the running host, live, on their way through the pipelines.
#include <algorithm>
#include <iostream>

#include "commands/support.hpp"
#include "control/control.hpp"

namespace unity::host {
namespace {

// Prints what came; returns how many lines that were.
std::uint64_t print_lines(const json::Value& answer, std::uint64_t most) {
  std::uint64_t printed = 0;
  if (const auto* lines = answer.find("lines"); lines != nullptr && lines->array() != nullptr) {
    for (const auto& line : *lines->array()) {
      if (printed == most || line.string() == nullptr) break;
      print(*line.string());
      ++printed;
    }
  }
  const auto* skipped = answer.find("skipped");
  if (skipped != nullptr && skipped->integer() > 0) {
    std::cerr << "unity: " << skipped->integer() << " records came too fast and are not shown\n";
  }
  std::cout.flush();
  return printed;
}

}  // namespace

int tap_command(const CommonOptions& common, const TapOptions& options) {
  const auto state_dir = find_state_dir(common);
  if (!state_dir) return kExitBadConfig;
  json::Value request =
      json::Object{{"command", "tap"}, {"instance", options.instance}, {"stage", options.stage}};
  const auto begun = ask_host(*state_dir, request);
  if (!begun) return report(begun.error());
  if (const auto* session = begun->find("session")) request.set("session", *session);
  auto left = options.limit == 0 ? UINT64_MAX : options.limit;
  while (left > 0 && std::cout) {
    const auto answer = ask_host(*state_dir, request);
    if (!answer) return report(answer.error());
    left -= print_lines(*answer, left);
  }
  return kExitDone;
}

}  // namespace unity::host
