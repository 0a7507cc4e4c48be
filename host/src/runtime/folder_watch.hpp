// Tells when something in some folders has changed and is quiet again.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/event_loop.hpp"
#include "unity/core/base/result.hpp"

namespace unity::host {

// Control thread only.
class FolderWatch {
 public:
  // Calls `changed` once nothing has happened in the folders for as long as `settle`. What is still
  // open for writing has not happened yet. A folder that is not there is watched as soon as it is,
  // if the one above it is watched.
  FolderWatch(EventLoop& loop, Duration settle, std::function<void()> changed);

  // Returns what cannot be watched, and why, a sentence each.
  std::vector<std::string> watch(std::vector<std::filesystem::path> folders);

 private:
  void await();
  std::vector<std::string> add_all();
  void read_events();
  bool matters(int folder, std::uint32_t what, const char* name) const;

  boost::asio::posix::stream_descriptor events_;
  Timer settled_;
  Duration settle_;
  std::function<void()> changed_;
  std::vector<std::filesystem::path> folders_;
  std::map<int, std::filesystem::path> watched_;  // by inotify's number
};

}  // namespace unity::host
