// Adds up the processes of the services that the operator named.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "process/process_stat.hpp"

namespace unity::plugins::process {

struct Group {
  std::string service;  // as configured
  std::string name;     // as the kernel would cut it
  std::uint64_t count = 0;
  std::uint64_t threads = 0;
  std::uint64_t rss_pages = 0;
  // A plain sum would fall whenever a process ends, so what each process used between two runs
  // is added up here and never leaves.
  std::uint64_t cpu_ticks = 0;
};

class Groups {
 public:
  explicit Groups(const std::vector<std::string>& services);

  // `used_ticks[i]` is what `processes[i]` has used since the last call.
  void update(const std::vector<ProcessStat>& processes,
              const std::vector<std::uint64_t>& used_ticks);

  const std::vector<Group>& all() const { return groups_; }

 private:
  std::vector<Group> groups_;
};

// What each process of `now` has used since `before`, both sorted by pid. A process that was not
// there before has used all of its time since: a pid is reused by a later start.
void used_since(const std::vector<ProcessStat>& before, const std::vector<ProcessStat>& now,
                std::vector<std::uint64_t>& out);

}  // namespace unity::plugins::process
