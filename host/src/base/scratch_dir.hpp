// A folder of our own for as long as somebody needs it.
#pragma once

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "unity/core/base/result.hpp"

namespace unity::host {

class ScratchDir {
 public:
  static Result<ScratchDir> make() {
    auto name = (std::filesystem::temp_directory_path() / "unity-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      return Error{Errc::unavailable,
                   std::string("cannot make a folder for the time being: ") + std::strerror(errno)};
    }
    return ScratchDir(name);
  }
  ScratchDir(ScratchDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchDir& operator=(ScratchDir&&) = delete;
  ~ScratchDir() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchDir(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace unity::host
