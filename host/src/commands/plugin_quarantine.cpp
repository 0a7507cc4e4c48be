// `unity plugin quarantine`: which plugin files are not run any more, why, and letting them again.
#include <fmt/format.h>

#include "base/table.hpp"
#include "base/wall_clock.hpp"
#include "commands/support.hpp"
#include "control/control.hpp"
#include "workers/quarantine.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kHashShown = 12;

// What goes on, and how near it is to what is listed above it.
std::string state_of(const OffenderRecord& record) {
  if (record.quarantined) return "in quarantine since " + to_rfc3339(record.since);
  const auto recent = recent_offences(record, wall_now());
  return fmt::format("not in quarantine: {} offence{} in the last ten minutes", recent,
                     recent == 1 ? "" : "s");
}

std::string describe(const OffenderRecord& record) {
  auto text = fmt::format("{} {}  {}  {}\n", record.hash.substr(0, kHashShown), record.plugin,
                          state_of(record), record.path);
  for (const auto& offence : record.offences) {
    text += fmt::format("  {}  {}: {}\n", to_rfc3339(offence.at), offence.instance, offence.reason);
  }
  if (record.offences.empty()) return text;
  const auto& last = record.offences.back();
  for (const auto& frame : last.backtrace) text += fmt::format("      {}\n", frame);
  for (const auto& line : last.last_output) text += fmt::format("      | {}\n", line);
  return text;
}

}  // namespace

int quarantine_list_command(const CommonOptions& common) {
  const auto state_dir = find_state_dir(common);
  if (!state_dir) return kExitBadConfig;
  const auto records = read_quarantine(quarantine_file(*state_dir));
  if (!records) return report(records.error());
  if (common.json) {
    json::Array list;
    for (const auto& record : *records) list.push_back(to_json(record));
    print_json(json::Object{{"plugins", std::move(list)}});
    return kExitDone;
  }
  if (records->empty()) print("no plugin has offended\n");
  for (const auto& record : *records) print(describe(record));
  return kExitDone;
}

int quarantine_release_command(const CommonOptions& common, const std::string& what) {
  const auto state_dir = find_state_dir(common);
  if (!state_dir) return kExitBadConfig;
  const auto answer =
      ask_host(*state_dir, json::Object{{"command", "quarantine-release"}, {"what", what}});
  if (answer) {
    print(fmt::format("{} is released; its collectors run again\n", what));
    return kExitDone;
  }
  if (answer.error().code != Errc::unavailable) return report(answer.error());
  // No host runs: nobody else writes the file.
  Quarantine quarantine(quarantine_file(*state_dir), 0);
  if (const auto freed = quarantine.release(what); !freed) return report(freed.error());
  print(fmt::format("{} is released\n", what));
  return kExitDone;
}

}  // namespace unity::host
