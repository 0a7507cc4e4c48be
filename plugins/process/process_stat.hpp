// Reads /proc/<pid>/stat.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace unity::plugins::process {

struct ProcessStat {
  int pid = 0;
  char state = '?';
  std::uint32_t threads = 0;
  std::uint64_t cpu_ticks = 0;    // user and system
  std::uint64_t start_ticks = 0;  // since boot; with the pid it names a process for good
  std::uint64_t rss_pages = 0;
  std::string name;  // cut to 15 bytes by the kernel; may hold anything but NUL
};

// False if the text is not that of a process.
bool parse_process_stat(std::string_view text, ProcessStat& out);

}  // namespace unity::plugins::process
