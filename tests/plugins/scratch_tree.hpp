// A copy of a tree of captured files that a test may spoil.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temp_dir.hpp"

namespace unity::testing {

class ScratchTree {
 public:
  explicit ScratchTree(const std::string& source) {
    std::filesystem::copy(source, temp_.path(), std::filesystem::copy_options::recursive);
  }

  std::string path() const { return temp_.path(); }
  // Rewrites the file in its place, as the kernel does with those of /proc.
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((temp_ / file).parent_path());
    std::ofstream(temp_ / file, std::ios::binary | std::ios::trunc) << text;
  }
  void remove(const std::string& file) const { std::filesystem::remove_all(temp_ / file); }

 private:
  test::TempDir temp_;
};

}  // namespace unity::testing
