#include "rollup/dirty_marks.hpp"

#include <set>

#include "rollup/rollup.hpp"

namespace unity::db {

std::vector<Time> DirtyMarks::due(const std::vector<Time>& times, Time now) {
  const auto is_over = [now](Time hour) { return hour + length_of(Tier::hour) <= now; };
  std::set<Time> due;
  next_ = marked_;
  for (auto one = next_.begin(); one != next_.end();) {
    if (is_over(one->first)) {
      due.insert(one->first);
      one = next_.erase(one);
    } else {
      ++one;
    }
  }
  for (const auto time : times) {
    const auto hour = bucket_of(Tier::hour, time);
    if (is_over(hour)) {
      due.insert(hour);
      continue;
    }
    const auto [mark, is_new] = next_.try_emplace(hour, now);
    // A clock that was set back counts as time that has passed.
    if (is_new || now - mark->second >= kRenewAfter || now < mark->second) {
      due.insert(hour);
      mark->second = now;
    }
  }
  return {due.begin(), due.end()};
}

void DirtyMarks::commit() { marked_ = std::move(next_); }

}  // namespace unity::db
