// Tells when something in some folders has changed and is quiet again.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/event_loop.hpp"
#include "unity/core/base/glob.hpp"
#include "unity/core/base/result.hpp"

namespace unity::host {

struct WatchedFolder {
  std::filesystem::path path;
  Globs files;  // the names that matter
};

// Control thread only.
class FolderWatch {
 public:
  // Calls `changed` once nothing has happened to those files for as long as `settle`. What is still
  // open for writing has not happened yet. A folder may come, go and come again, but not the one
  // above it.
  FolderWatch(EventLoop& loop, Duration settle, std::function<void()> changed);

  // Returns what cannot be watched, and why, a sentence each.
  std::vector<std::string> watch(std::vector<WatchedFolder> folders);

 private:
  void await();
  std::vector<std::string> add_all();
  int add(const std::filesystem::path& folder, std::uint32_t events);  // inotify's number, or -1
  void read_events();
  bool is_watched_folder(const std::filesystem::path& path) const;
  bool matters(const std::filesystem::path& folder, std::uint32_t what, const char* name) const;

  boost::asio::posix::stream_descriptor events_;
  Timer settled_;
  Duration settle_;
  std::function<void()> changed_;
  std::vector<WatchedFolder> folders_;
  std::map<int, std::filesystem::path> watched_;  // by inotify's number
};

}  // namespace unity::host
