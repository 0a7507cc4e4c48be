// One check in a process of its own: started with limits, watched, and ended with everything that
// it started.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "check/shared_page.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"

namespace unity::check {

struct ChildLimits {
  Duration wall = std::chrono::seconds(60);
  std::uint64_t cpu_seconds = 40;
  std::uint64_t memory_bytes = std::uint64_t{4} << 30;  // of addresses; not in sanitized builds
  std::uint64_t descriptors = 256;
  std::uint64_t file_bytes = std::uint64_t{64} << 20;
};

// How it ended.
struct ChildEnd {
  bool timed_out = false;
  int signal = 0;  // that ended it; 0: it exited
  int exit_code = 0;
  std::string phase;   // what it was about, as it last said
  std::string fault;   // what its signal handler could say
  std::string result;  // JSON; empty if it did not come to one
  std::string output;  // the end of what was written to its stdout and stderr
  Duration took{};
};

// Belongs to one thread. Destroying it kills what still runs.
class ChildProcess {
 public:
  // The environment is empty, the folder is where it begins.
  static Result<ChildProcess> start(const std::vector<std::string>& command,
                                    const std::filesystem::path& folder, const ChildLimits& limits);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  int pidfd() const { return pidfd_; }  // readable once it has ended
  Instant deadline() const { return deadline_; }

  // Call once the descriptor is readable or the deadline has passed: ends it, and its session,
  // and says how it went.
  ChildEnd finish();

 private:
  ChildProcess() = default;

  pid_t pid_ = -1;
  int pidfd_ = -1;
  int output_ = -1;
  std::unique_ptr<OwnedPage> page_;
  Instant began_{};
  Instant deadline_{};
};

}  // namespace unity::check
