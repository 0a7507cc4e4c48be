// A copy of a tree of captured files that a test may spoil.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace unity::testing {

class ScratchTree {
 public:
  explicit ScratchTree(const std::string& source) {
    auto name = (std::filesystem::temp_directory_path() / "unity-tree-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    std::filesystem::copy(source, path_, std::filesystem::copy_options::recursive);
  }
  ~ScratchTree() { std::filesystem::remove_all(path_); }
  ScratchTree(const ScratchTree&) = delete;
  ScratchTree& operator=(const ScratchTree&) = delete;

  std::string path() const { return path_; }
  // Rewrites the file in its place, as the kernel does with those of /proc.
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((std::filesystem::path(path_) / file).parent_path());
    std::ofstream(path_ + "/" + file, std::ios::binary | std::ios::trunc) << text;
  }
  void remove(const std::string& file) const { std::filesystem::remove_all(path_ + "/" + file); }

 private:
  std::string path_;
};

}  // namespace unity::testing
