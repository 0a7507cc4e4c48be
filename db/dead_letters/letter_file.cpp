#include "dead_letters/letter_file.hpp"

#include <fmt/format.h>

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

enum class Owner { nobody, us, newer_us, somebody_else };

Result<std::int64_t> number(Connection& connection, std::string_view sql) {
  auto query = connection.prepare(sql, kOpening);
  if (!query) return std::move(query).error();
  auto row = connection.next(*query, kOpening);
  if (!row) return std::move(row).error();
  return *row ? query->integer(0) : 0;
}

Result<Owner> owner_of(Connection& connection) {
  const auto application = number(connection, "PRAGMA application_id");
  if (!application) return application.error();
  const auto version = number(connection, "PRAGMA user_version");
  if (!version) return version.error();
  const auto tables = number(connection, "SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*application == kApplication) return *version > kVersion ? Owner::newer_us : Owner::us;
  return *application == 0 && *tables == 0 ? Owner::nobody : Owner::somebody_else;
}

Error not_ours(const Connection& connection, Owner owner) {
  return {Errc::refused,
          fmt::format("cannot {} {}: {}", kOpening, connection.path(),
                      owner == Owner::newer_us ? "a newer version of unity made them; use that one"
                                               : "the file belongs to something else")};
}

Result<void> begin_file(Connection& connection, Owner& owner) {
  auto transaction = Transaction::begin(connection, Transaction::Kind::write, kOpening);
  if (!transaction) return std::move(transaction).error();
  auto now = owner_of(connection);  // another starter may have been faster
  if (!now) return std::move(now).error();
  owner = *now;
  if (owner != Owner::nobody) return {};
  if (auto made = connection.execute(kTables, kOpening); !made) return made;
  owner = Owner::us;
  return transaction->commit(kOpening);
}

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
  newer = false;
  {
    auto connection = Connection::open(path, OpenMode::create);
    if (!connection) return std::move(connection).error();
    auto owner = owner_of(*connection);
    if (!owner) return std::move(owner).error();
    if (*owner == Owner::nobody) {
      if (auto begun = begin_file(*connection, *owner); !begun) return std::move(begun).error();
    }
    newer = *owner == Owner::newer_us;
    if (*owner != Owner::us) return not_ours(*connection, *owner);
  }
  // Again, with the short patience of one who has other things to do.
  auto connection = Connection::open(path, OpenMode::read_write);
  if (!connection) return std::move(connection).error();
  return prepare(std::move(*connection));
}

// The file itself goes first: what is left of the others without it, SQLite deletes.
Result<std::filesystem::path> set_aside(const std::filesystem::path& path) {
  auto aside = path;
  aside += ".damaged";
  for (const auto* part : {"", "-wal", "-shm"}) {
    auto from = path;
    auto to = aside;
    from += part;
    to += part;
    std::error_code error;
    std::filesystem::rename(from, to, error);
    if (!error) continue;
    if (error != std::errc::no_such_file_or_directory) {
      return Error{Errc::unavailable, fmt::format("cannot move {} aside to {}: {}", from.string(),
                                                  to.string(), error.message())};
    }
    if (*part == '\0') break;
    std::filesystem::remove(to, error);  // that of the file which was set aside before
  }
  return aside;
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
  auto connection = Connection::open(path, OpenMode::read_write);
  if (!connection) return std::move(connection).error();
  const auto owner = owner_of(*connection);
  if (!owner) return owner.error();
  if (*owner != Owner::us) return not_ours(*connection, *owner);
  return prepare(std::move(*connection));
}

Result<LetterFile> begin_letters_anew(const std::filesystem::path& path, const std::string& why,
                                      std::string& notice) {
  const auto aside = set_aside(path);
  if (!aside) return aside.error();
  notice = fmt::format("{}; it is kept as {}, and a new file is begun", why, aside->string());
  bool newer = false;
  return try_open(path, newer);
}

}  // namespace unity::db
