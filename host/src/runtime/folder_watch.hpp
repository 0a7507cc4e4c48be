// Tells when something in some folders has changed and is quiet again.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "runtime/event_loop.hpp"
#include "unity/core/base/result.hpp"

namespace unity::host {

// Control thread only.
class FolderWatch {
 public:
  // Calls `changed` once nothing has happened in the folders for as long as `settle`. What is still
  // open for writing has not happened yet. A folder that is not there is not watched.
  FolderWatch(EventLoop& loop, Duration settle, std::function<void()> changed);

  // Also what was watched before, if it is among them. Returns what cannot be watched, and why, a
  // sentence each.
  std::vector<std::string> watch(const std::vector<std::filesystem::path>& folders);

 private:
  void await();

  boost::asio::posix::stream_descriptor events_;
  Timer settled_;
  Duration settle_;
  std::function<void()> changed_;
};

}  // namespace unity::host
