#include "transfer/draft.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <utility>

#include "transfer/file.hpp"

namespace unity::db::transfer {

Draft::Draft(Draft&& other) noexcept
    : path_(std::move(other.path_)), draft_(std::exchange(other.draft_, {})) {}

Draft::~Draft() {
  std::error_code ignored;  // what is left is in nobody's way
  if (!draft_.empty()) std::filesystem::remove_all(draft_, ignored);
}

Result<Draft> Draft::begin(const std::filesystem::path& path) {
  // "exports/" is the folder "exports".
  Draft draft(path.has_filename() ? path : path.parent_path());
  std::error_code error;
  if (std::filesystem::symlink_status(draft.path_, error).type() !=
      std::filesystem::file_type::not_found) {
    return name_taken(path);
  }
  std::random_device random;
  std::string made;
  int failed = 0;
  do {
    made = fmt::format("{}.partial-{:08x}", draft.path_.string(), random());
    failed = ::mkdir(made.c_str(), 0750) != 0 ? errno : 0;
  } while (failed == EEXIST);
  if (failed != 0) {
    return Error{Errc::unavailable,
                 fmt::format("cannot create the folder {}: {}", made, std::strerror(failed))};
  }
  draft.draft_ = std::move(made);
  return draft;
}

Result<void> Draft::publish_file(const std::filesystem::path& name) {
  return give_name(draft_ / name, path_);  // the folder goes with us
}

Result<void> Draft::publish() {
  if (auto named = give_name(draft_, path_); !named) return named;
  draft_.clear();
  return {};
}

}  // namespace unity::db::transfer
