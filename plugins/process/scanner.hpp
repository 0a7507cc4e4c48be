// Reads all processes: one small file for each, through a folder that stays open.
#pragma once

#include <dirent.h>

#include <memory>
#include <string>
#include <vector>

#include "process/process_stat.hpp"
#include "unity/plugin.hpp"

namespace unity::plugins::process {

class Scanner {
 public:
  explicit Scanner(std::string proc) : proc_(std::move(proc)) {}

  // Overwrites `out`, sorted by pid. Processes that end meanwhile are left out. Throws ReadError,
  // or Failure when cancelled.
  void scan(const sdk::Call& call, std::vector<ProcessStat>& out);

 private:
  struct Close {
    void operator()(DIR* folder) const { ::closedir(folder); }
  };

  bool read(const char* pid, ProcessStat& out);
  [[noreturn]] void fail(const std::string& what, int error) const;

  std::string proc_;
  std::unique_ptr<DIR, Close> folder_;
  char buffer_[4096];
};

}  // namespace unity::plugins::process
