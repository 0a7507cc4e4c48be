// Says which hours a writer must mark as changed, in the transaction that changes them.
#pragma once

#include <map>
#include <vector>

#include "unity/core/base/time.hpp"

namespace unity::db {

// Nobody computes an hour that is still going on, so one mark serves all that is written meanwhile.
// As clocks of hosts that share a database differ, the mark is renewed now and then, and once more
// when the hour is over. An hour that is over is marked each time. One thread.
class DirtyMarks {
 public:
  static constexpr Time::duration kRenewAfter = std::chrono::minutes(1);

  // The hours to mark for frames at `times`, each once, in order.
  std::vector<Time> due(const std::vector<Time>& times, Time now);
  // What due() said last is stored. If it is never called, due() says it again.
  void commit();
  // Others may have begun anew: as after a lost session.
  void clear() { marked_.clear(); }

 private:
  std::map<Time, Time> marked_;  // hours that were going on when they were marked -> when
  std::map<Time, Time> next_;    // marked_ after commit()
};

}  // namespace unity::db
