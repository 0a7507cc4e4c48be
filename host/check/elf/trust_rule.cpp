// A10: who could change the file that a host is about to run.
#include <sys/stat.h>
#include <unistd.h>

#include "check/elf/rules.hpp"

namespace unity::check {
namespace {

void check_entry(const std::filesystem::path& path, const struct stat& status, Findings& findings) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    findings.fail("{} belongs to user {}, neither to root nor to you", path.string(),
                  status.st_uid);
  }
  // In a sticky folder only the owner of an entry can replace it.
  const bool sticky_folder = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky_folder) {
    findings.fail("{} can be written by others (mode {:o})", path.string(), status.st_mode & 07777);
  }
}

}  // namespace

void check_file_trust(const Context& context, Findings& findings) {
  struct stat status {};
  if (::lstat(context.path.c_str(), &status) != 0) return findings.fail("it is gone");
  if (S_ISLNK(status.st_mode)) {
    return findings.fail("it is a symbolic link; a host takes only the file itself");
  }
  if (!S_ISREG(status.st_mode)) return findings.fail("it is not a regular file");
  if ((status.st_mode & (S_ISUID | S_ISGID)) != 0) findings.fail("it has a set-user-id bit");
  check_entry(context.path, status, findings);
  std::error_code error;
  auto folder = std::filesystem::canonical(context.path.parent_path(), error);
  while (!error) {
    if (::stat(folder.c_str(), &status) != 0) break;
    check_entry(folder, status, findings);
    if (folder == folder.parent_path()) break;
    folder = folder.parent_path();
  }
}

}  // namespace unity::check
