#include <fmt/format.h>

#include "app/state_dir.hpp"
#include "commands/status_text.hpp"
#include "commands/support.hpp"
#include "control/control.hpp"
#include "unity/db/dead_letters.hpp"

namespace unity::host {
namespace {

// Counted here and not by the host, which must not wait for this file while it has runs to start.
json::Value count_dead_letters(const std::filesystem::path& state_dir) {
  auto letters = db::DeadLetters::open_existing(dead_letters_file(state_dir));
  if (!letters) return nullptr;
  const auto state = letters->state();
  if (!state) return nullptr;
  json::Value by_reason{json::Object()};
  for (const auto& [reason, count] : state->by_reason) by_reason.set(reason, count);
  return json::Object{{"letters", state->letters},
                      {"bytes", state->bytes},
                      {"overflowed", state->overflowed},
                      {"by_reason", std::move(by_reason)}};
}

}  // namespace

int status_command(const CommonOptions& common, const std::string& instance) {
  const auto state_dir = find_state_dir(common);
  if (!state_dir) return kExitBadConfig;
  auto status = ask_host(*state_dir, json::Object{{"command", "status"}});
  if (!status) return report(status.error());
  status->set("dead_letters", count_dead_letters(*state_dir));
  if (common.json) {
    print_json(*status);
    return kExitDone;
  }
  const auto text =
      instance.empty() ? status_screen(*status) : status_of_instance(*status, instance);
  if (!text) return report(text.error());
  print(*text);
  return kExitDone;
}

}  // namespace unity::host
