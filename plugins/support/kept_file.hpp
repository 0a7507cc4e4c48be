// A file that is read again and again. The kernel makes the content of /proc and /sys anew for
// each read from the start, so the descriptor and the buffer are kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/text.hpp"

namespace unity::plugins {

class KeptFile {
 public:
  explicit KeptFile(std::string path) : path_(std::move(path)) {}
  KeptFile(KeptFile&& other) noexcept;
  KeptFile& operator=(KeptFile&& other) noexcept;
  ~KeptFile() { release(); }

  const std::string& path() const { return path_; }

  // What it says now; nothing if there is no such file, or none that this kernel or device
  // serves. Valid until the next read. Throws ReadError for everything else.
  std::optional<Text> read();

  // As read(), for files that every kernel has.
  Text require();

  // Gives the descriptor back until the next read. What was read stays valid.
  void release();

 private:
  enum class Outcome { done, stale, unsupported };

  bool open();
  Outcome fill();

  std::string path_;
  int fd_ = -1;
  std::vector<char> buffer_;
  std::size_t size_ = 0;
};

}  // namespace unity::plugins
