// Dead letters on the command line: records that were refused, with the reason.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "commands/commands.hpp"

namespace unity::host {

// Which letters a command is about.
struct DlqSelection {
  std::vector<std::int64_t> ids;
  std::string instance;
  std::string reason;
  std::string stage;
  std::string since;       // empty, RFC 3339 or "-1h"
  std::string older_than;  // empty or a duration
  bool all = false;        // every letter, where that must be said
};

int dlq_ls_command(const CommonOptions& common, const DlqSelection& selection, std::size_t limit);
int dlq_show_command(const CommonOptions& common, std::int64_t id);
int dlq_replay_command(const CommonOptions& common, const DlqSelection& selection);
int dlq_purge_command(const CommonOptions& common, const DlqSelection& selection);

}  // namespace unity::host
