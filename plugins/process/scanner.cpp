#include "process/scanner.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "support/reading.hpp"

namespace unity::plugins::process {
namespace {

constexpr std::size_t kProcessesPerCheck = 128;

bool is_pid(const char* name) { return *name >= '1' && *name <= '9'; }

bool by_pid(const ProcessStat& a, const ProcessStat& b) { return a.pid < b.pid; }

}  // namespace

void Scanner::scan(const sdk::Call& call, std::vector<ProcessStat>& out) {
  if (folder_) {
    ::rewinddir(folder_.get());
  } else {
    folder_.reset(::opendir(proc_.c_str()));
    if (!folder_) fail("open " + proc_, errno);
  }

  std::size_t count = 0;
  errno = 0;
  while (const auto* entry = ::readdir(folder_.get())) {
    if (!is_pid(entry->d_name)) continue;
    if (count % kProcessesPerCheck == 0) stop_if_cancelled(call, "unity.process");
    if (count == out.size()) out.emplace_back();
    if (read(entry->d_name, out[count])) ++count;
    errno = 0;
  }
  if (errno != 0) fail("list " + proc_, errno);
  out.resize(count);
  // The kernel lists them in this order; a copy of its files may not.
  if (!std::is_sorted(out.begin(), out.end(), by_pid)) std::sort(out.begin(), out.end(), by_pid);
}

// False if the process has ended or hides from us.
bool Scanner::read(const char* pid, ProcessStat& out) {
  char name[64];
  std::snprintf(name, sizeof name, "%s/stat", pid);
  const int fd = ::openat(::dirfd(folder_.get()), name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    // Without descriptors or memory every process would seem to have ended.
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
      fail("open " + proc_ + "/" + name, errno);
    }
    return false;
  }
  const auto size = ::read(fd, buffer_, sizeof buffer_);
  ::close(fd);
  if (size <= 0) return false;
  const std::string_view text(buffer_, static_cast<std::size_t>(size));
  if (parse_process_stat(text, out)) return true;
  std::string scratch;
  throw ReadError("cannot read a process from " + proc_ + "/" + name + ": it says '" +
                  std::string(to_utf8(text.substr(0, 80), scratch)) + "'");
}

void Scanner::fail(const std::string& what, int error) const {
  throw ReadError("cannot " + what + ": " + std::generic_category().message(error));
}

}  // namespace unity::plugins::process
