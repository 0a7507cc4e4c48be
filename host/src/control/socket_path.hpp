// Where the control socket of a state folder is. A socket's address holds 107 bytes, a path may
// be longer: so it is named by way of an open descriptor of the folder.
#pragma once

#include <fcntl.h>

#include <filesystem>
#include <string>

#include "worker/base/file_descriptor.hpp"

namespace unity::host {

class SocketPath {
 public:
  explicit SocketPath(const std::filesystem::path& state_dir)
      : folder_(::open(state_dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

  bool usable() const { return static_cast<bool>(folder_); }
  // Valid while this object lives, in this process.
  std::string address() const {
    return "/proc/self/fd/" + std::to_string(folder_.get()) + "/unity.sock";
  }

 private:
  FileDescriptor folder_;
};

}  // namespace unity::host
