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
  const auto loaded = load_and_report(common);
  if (!loaded) return kExitBadConfig;
  const auto& state_dir = loaded->config->state_dir;
  const auto begun = ask_host(
      state_dir,
      json::Object{{"command", "tap"}, {"instance", options.instance}, {"stage", options.stage}});
  if (!begun) return report(begun.error());
  const auto* session = begun->find("session");
  auto left = options.limit == 0 ? UINT64_MAX : options.limit;
  while (left > 0 && std::cout) {
    const auto answer = ask_host(
        state_dir,
        json::Object{{"command", "tap"}, {"session", session != nullptr ? *session : nullptr}});
    if (!answer) return report(answer.error());
    left -= print_lines(*answer, left);
  }
  return kExitDone;
}

}  // namespace unity::host
