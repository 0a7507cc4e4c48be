#include <iostream>

#include "commands/status_json_reader.hpp"
#include "commands/support.hpp"
#include "control/control.hpp"

namespace unity::host {

// The host reads the file, as its own user and in its environment, and says what is wrong with it.
int reload_command(const CommonOptions& common, bool dry_run) {
  const auto state_dir = find_state_dir(common);
  if (!state_dir) return kExitBadConfig;
  // New plugins may take their time to load.
  const auto answer =
      ask_host(*state_dir, json::Object{{"command", "reload"}, {"dry_run", dry_run}},
               std::chrono::seconds::zero());
  if (!answer) return report(answer.error());
  const bool valid = flag_of(*answer, "valid", false);
  if (common.json) {
    print_json(*answer);
  } else {
    std::cerr << text_of(*answer, "mistakes_text");
    if (valid) print(text_of(*answer, "plan_text"));
    if (!valid) std::cerr << "unity: nothing was changed: the configuration has mistakes\n";
  }
  return valid ? kExitDone : kExitBadConfig;
}

}  // namespace unity::host
