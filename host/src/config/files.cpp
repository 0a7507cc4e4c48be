#include "config/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace unity::host {

namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& file, std::size_t size_max) {
  std::error_code error;
  if (fs::is_directory(file, error)) {
    return Error{Errc::invalid, "cannot be read: it is a folder, not a file"};
  }
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    const std::error_code why(errno, std::generic_category());
    return Error{errno == ENOENT ? Errc::not_found : Errc::invalid,
                 fmt::format("cannot be read: {}", why.message())};
  }
  // By the block, not by the size that is announced: files of /proc announce none.
  std::string text;
  char block[16 * 1024];
  while (in.read(block, sizeof block) || in.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(in.gcount()));
    if (text.size() > size_max) {
      return Error{Errc::invalid, fmt::format("is too big: more than {} KiB", size_max / 1024)};
    }
  }
  if (in.bad()) return Error{Errc::invalid, "cannot be read to its end"};
  return text;
}

Result<std::vector<fs::path>> list_yaml(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  if (!fs::exists(folder, error) && !error) return files;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto& file = at->path();
    const bool hidden = file.filename().native().starts_with('.');
    if (!hidden && (file.extension() == ".yaml" || file.extension() == ".yml")) {
      files.push_back(file);
    }
  }
  if (error) return Error{Errc::invalid, fmt::format("cannot be listed: {}", error.message())};
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace unity::host
