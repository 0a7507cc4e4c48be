// The private line between a running host and the CLI: a Unix socket in the state folder. One
// request a connection: a line of JSON, {"command": NAME, arguments}, answered by JSON and the end
// of the stream. An answer may take its time: a run may have to end first.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "runtime/event_loop.hpp"
#include "unity/core/base/result.hpp"
#include "unity/core/json/value.hpp"

namespace unity::host {

// Called once, at once or later, on the control thread; later calls do nothing.
using ControlReply = std::function<void(Result<json::Value>)>;
// Serves one command. Called on the control thread.
using ControlHandler = std::function<void(const json::Value& request, ControlReply reply)>;
using ControlCommands = std::map<std::string, ControlHandler, std::less<>>;

class ControlServer {
 public:
  // Listens in `state_dir`, for the host's own user only. The caller holds the lock on the
  // folder, so a socket that lies there is left over and is replaced.
  static Result<std::unique_ptr<ControlServer>> listen(EventLoop& loop,
                                                       const std::filesystem::path& state_dir,
                                                       ControlCommands commands);
  ~ControlServer();

 private:
  class Impl;
  explicit ControlServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Asks the host that runs on `state_dir`. Errc::unavailable if none does; else the host's own
// error. `patience` bounds each wait for an answer; zero: none.
Result<json::Value> ask_host(const std::filesystem::path& state_dir, const json::Value& request,
                             std::chrono::seconds patience = std::chrono::seconds(5));

}  // namespace unity::host
