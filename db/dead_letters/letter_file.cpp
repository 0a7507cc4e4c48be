#include "dead_letters/letter_file.hpp"

#include <fmt/format.h>

#include "sqlite/own_file.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kOpening = "open the dead letters in";

// "UNDL"; the version goes up when the tables change.
constexpr std::int64_t kApplication = 0x554e444c;
constexpr std::int64_t kVersion = 1;

// The triggers keep the totals right whoever removes a letter.
constexpr const char* kTables = R"(
CREATE TABLE letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  instance TEXT NOT NULL,
  plugin TEXT NOT NULL,
  device TEXT NOT NULL,
  metric TEXT NOT NULL,
  stage TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  payload TEXT NOT NULL,
  run INTEGER NOT NULL,
  size INTEGER NOT NULL
) STRICT;
CREATE INDEX ix_letters_reason ON letters (reason);
CREATE TABLE totals (
  letters INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  overflowed INTEGER NOT NULL DEFAULT 0,
  replayed INTEGER NOT NULL DEFAULT 0,
  purged INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO totals DEFAULT VALUES;
CREATE TRIGGER letter_added AFTER INSERT ON letters BEGIN
  UPDATE totals SET letters = letters + 1, bytes = bytes + new.size;
END;
CREATE TRIGGER letter_removed AFTER DELETE ON letters BEGIN
  UPDATE totals SET letters = letters - 1, bytes = bytes - old.size;
END;
PRAGMA application_id = 1431192652;
PRAGMA user_version = 1;
)";

constexpr OwnFileKind kKind{kOpening, kApplication, kVersion, kTables};

Result<LetterFile> prepare(Connection connection) {
  auto insert = connection.prepare(
      "INSERT INTO letters (time, instance, plugin, device, metric, stage, reason, detail, "
      "payload, "
      "run, size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      kOpening);
  if (!insert) return std::move(insert).error();
  auto totals = connection.prepare(
      "SELECT letters, bytes, overflowed, replayed, purged FROM totals", kOpening);
  if (!totals) return std::move(totals).error();
  auto drop_oldest = connection.prepare(
      "DELETE FROM letters WHERE id = (SELECT min(id) FROM letters) RETURNING size", kOpening);
  if (!drop_oldest) return std::move(drop_oldest).error();
  auto count = connection.prepare("UPDATE totals SET overflowed = overflowed + ?", kOpening);
  if (!count) return std::move(count).error();
  return LetterFile{std::move(connection), std::move(*insert), std::move(*totals),
                    std::move(*drop_oldest), std::move(*count)};
}

Result<LetterFile> try_open(const std::filesystem::path& path, bool& newer) {
  auto connection = open_own_file(path, kKind, newer);
  if (!connection) return std::move(connection).error();
  return prepare(std::move(*connection));
}

}  // namespace

Result<LetterFile> LetterFile::open_or_begin(const std::filesystem::path& path,
                                             std::string& notice) {
  bool newer = false;
  auto opened = try_open(path, newer);
  if (opened || newer || opened.error().code == Errc::unavailable) return opened;
  return begin_letters_anew(path, opened.error().message, notice);
}

Result<LetterFile> LetterFile::open_existing(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at fails with a better message when opened
  if (std::filesystem::status(path, ignored).type() == std::filesystem::file_type::not_found) {
    return Error{Errc::not_found, fmt::format("there are no dead letters: {} does not exist; the "
                                              "host makes it when it starts",
                                              path.string())};
  }
  auto connection = open_existing_own_file(path, kKind);
  if (!connection) return std::move(connection).error();
  return prepare(std::move(*connection));
}

Result<LetterFile> begin_letters_anew(const std::filesystem::path& path, const std::string& why,
                                      std::string& notice) {
  const auto aside = set_own_file_aside(path);
  if (!aside) return aside.error();
  notice = fmt::format("{}; it is kept as {}, and a new file is begun", why, aside->string());
  bool newer = false;
  return try_open(path, newer);
}

}  // namespace unity::db
