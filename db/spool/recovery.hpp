// What opening does with a folder that a crash, a power cut or damage may have left in any state.
#pragma once

#include <vector>

#include "spool/accepted_log.hpp"
#include "spool/shared.hpp"

namespace unity::db::spool {

struct Recovered {
  SpoolRecovery report;
  std::vector<LogLine> unlogged;  // durable entries that accepted.log lacks
};

// Opens the log and fills in the segments, the end, the cursors and where the consumers stand. The
// folder exists and is locked. Damage is counted; an error is a disk or a permission that denies
// the files.
Result<Recovered> recover(Shared& shared, AcceptedLog& log);

}  // namespace unity::db::spool
