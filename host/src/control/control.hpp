// The private line between a running host and the CLI: a Unix socket in the state folder. One
// request a connection: a line with a command, answered by JSON and the end of the stream.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "runtime/event_loop.hpp"
#include "unity/core/base/result.hpp"

namespace unity::host {

// Answers a command with JSON. Called on the control thread.
using ControlHandler = std::function<std::string(std::string_view command)>;

class ControlServer {
 public:
  // Listens in `state_dir`, for the host's own user only. The caller holds the lock on the
  // folder, so a socket that lies there is left over and is replaced.
  static Result<std::unique_ptr<ControlServer>> listen(EventLoop& loop,
                                                       const std::filesystem::path& state_dir,
                                                       ControlHandler handler);
  ~ControlServer();

 private:
  class Impl;
  explicit ControlServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Asks the host that runs on `state_dir`. Errc::unavailable if none does.
Result<std::string> ask_host(const std::filesystem::path& state_dir, std::string_view command);

}  // namespace unity::host
