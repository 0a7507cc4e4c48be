#include "worker/confine/interposed.hpp"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace unity::worker {
namespace {

// As the kernel found it: without symbolic links, where it can be followed to its end.
std::string full_path(int folder, const std::string& path) {
  std::filesystem::path full(path);
  if (full.is_relative()) {
    std::array<char, PATH_MAX> base{};
    const auto link = folder == AT_FDCWD ? std::string("/proc/self/cwd")
                                         : "/proc/self/fd/" + std::to_string(folder);
    const auto size = ::readlink(link.c_str(), base.data(), base.size() - 1);
    if (size > 0) full = std::filesystem::path(base.data()) / full;
  }
  std::array<char, PATH_MAX> real{};
  if (::realpath(full.c_str(), real.data()) != nullptr) return real.data();
  return full.lexically_normal().string();
}

void set_path(Denial& denial, const std::string& path) {
  const auto size = std::min(path.size(), denial.path.size() - 1);
  std::copy_n(path.begin(), size, denial.path.begin());
}

}  // namespace

void note_file(int folder, const char* path, bool read, bool write) {
  const KeptErrno kept;
  Denial denial;
  denial.kind = Denial::Kind::file;
  denial.error = kept.value();
  denial.read = read;
  denial.write = write;
  try {
    set_path(denial, full_path(folder, path));
  } catch (...) {
    return;  // no memory, and the caller learns of the refusal anyway
  }
  Denials::of_process().note(denial);
}

void note_process(const char* path, int error) {
  const KeptErrno kept;
  Denial denial;
  denial.kind = Denial::Kind::process;
  denial.error = error;
  if (path != nullptr) set_path(denial, path);
  Denials::of_process().note(denial);
}

}  // namespace unity::worker
