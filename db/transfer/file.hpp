// Files of an export: written through to the disk, read line by line.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"

namespace unity::db::transfer {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class OutputFile {
 public:
  static Result<OutputFile> create(const std::filesystem::path& path);

  Result<void> write(std::string_view bytes);
  // On disk when this returns, and closed.
  Result<void> finish();

 private:
  OutputFile(std::FILE* file, std::filesystem::path path) : file_(file), path_(std::move(path)) {}
  Error failed() const;

  std::unique_ptr<std::FILE, CloseFile> file_;
  std::filesystem::path path_;
};

class LineReader {
 public:
  static Result<LineReader> open(const std::filesystem::path& path);

  // The next line without its end, until the next call; false after the last. A last line without
  // an end is one that was cut: Errc::refused, as is one that is too long to be ours.
  Result<bool> next(std::string_view& line);

 private:
  LineReader(std::FILE* file, std::filesystem::path path) : file_(file), path_(std::move(path)) {}

  std::unique_ptr<std::FILE, CloseFile> file_;
  std::filesystem::path path_;
  std::string buffer_;
  std::size_t begin_ = 0;
};

Error name_taken(const std::filesystem::path& path);
// Gives a file or a folder its final name, for good. Errc::refused if something has that name.
Result<void> give_name(const std::filesystem::path& draft, const std::filesystem::path& path);
// What was written of the file or folder survives a power cut.
Result<void> sync_to_disk(const std::filesystem::path& path);
Result<std::string> read_file(const std::filesystem::path& path);

}  // namespace unity::db::transfer
