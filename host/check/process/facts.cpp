#include "check/process/facts.hpp"

#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>

#if defined(__SANITIZE_ADDRESS__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace unity::check {

std::uint64_t heap_in_use() {
#if defined(__SANITIZE_ADDRESS__)
  return __sanitizer_get_current_allocated_bytes();
#else
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
#endif
}

std::uint64_t data_mapped() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t size = 0, resident = 0, shared = 0, text = 0, unused = 0, data = 0;
  in >> size >> resident >> shared >> text >> unused >> data;
  return data * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t thread_count() {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/task", error), end;
       !error && entry != end; entry.increment(error)) {
    ++count;
  }
  return count;
}

std::size_t thread_count_settled(std::size_t expected) {
  constexpr int kTries = 200;
  auto count = thread_count();
  for (int i = 0; i < kTries && count > expected; ++i) {
    const timespec moment{0, 1'000'000};
    ::nanosleep(&moment, nullptr);
    count = thread_count();
  }
  return count;
}

std::map<int, std::string> open_descriptors() {
  std::map<int, std::string> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    const auto name = entry->path().filename().string();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry->path(), gone);
    // The iterator's own descriptor leads to the folder that it reads.
    if (gone || target.string().ends_with("/fd")) continue;
    found.emplace(fd, target.string());
  }
  return found;
}

const std::filesystem::path& work_folder() {
  static const auto& folder = *new auto(std::filesystem::current_path());
  return folder;
}

std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/task", error), end;
       !error && entry != end; entry.increment(error)) {
    std::ifstream in(entry->path() / "children");
    for (pid_t child = 0; in >> child;) found.push_back(child);
  }
  return found;
}

}  // namespace unity::check
