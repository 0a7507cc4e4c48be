// The SQLite file behind the dead letters: its tables, its statements, and whether it is ours.
#pragma once

#include <filesystem>

#include "sqlite/connection.hpp"

namespace unity::db {

struct LetterFile {
  Connection connection;
  Statement insert, totals, drop_oldest, count_overflowed;

  // Begins a file if there is none. One that is damaged or something else's is set aside first,
  // which `notice` then tells; one that a newer version made is Errc::refused.
  static Result<LetterFile> open_or_begin(const std::filesystem::path& path, std::string& notice);
  // Errc::not_found if there is no file.
  static Result<LetterFile> open_existing(const std::filesystem::path& path);
};

// Moves the file, with what belongs to it, to "<path>.damaged", and begins a new one; `notice`
// tells `why`. Connections to the old one may be open: they go on with the file that they have.
Result<LetterFile> begin_letters_anew(const std::filesystem::path& path, const std::string& why,
                                      std::string& notice);

}  // namespace unity::db
