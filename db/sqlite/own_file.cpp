#include "sqlite/own_file.hpp"

#include <fmt/format.h>

#include <system_error>

namespace unity::db {
namespace {

enum class Owner { nobody, us, newer_us, somebody_else };

Result<std::int64_t> number(Connection& connection, std::string_view sql, const OwnFileKind& kind) {
  auto query = connection.prepare(sql, kind.opening);
  if (!query) return std::move(query).error();
  auto row = connection.next(*query, kind.opening);
  if (!row) return std::move(row).error();
  return *row ? query->integer(0) : 0;
}

Result<Owner> owner_of(Connection& connection, const OwnFileKind& kind) {
  const auto application = number(connection, "PRAGMA application_id", kind);
  if (!application) return application.error();
  const auto version = number(connection, "PRAGMA user_version", kind);
  if (!version) return version.error();
  const auto tables = number(connection, "SELECT count(*) FROM sqlite_schema", kind);
  if (!tables) return tables.error();
  if (*application == kind.application) {
    return *version > kind.version ? Owner::newer_us : Owner::us;
  }
  return *application == 0 && *tables == 0 ? Owner::nobody : Owner::somebody_else;
}

Error not_ours(const Connection& connection, const OwnFileKind& kind, Owner owner) {
  return {Errc::refused,
          fmt::format("cannot {} {}: {}", kind.opening, connection.path(),
                      owner == Owner::newer_us ? "a newer version of unity made them; use that one"
                                               : "the file belongs to something else")};
}

Result<void> begin_file(Connection& connection, const OwnFileKind& kind, Owner& owner) {
  auto transaction = Transaction::begin(connection, Transaction::Kind::write, kind.opening);
  if (!transaction) return std::move(transaction).error();
  auto now = owner_of(connection, kind);  // another starter may have been faster
  if (!now) return std::move(now).error();
  owner = *now;
  if (owner != Owner::nobody) return {};
  if (auto made = connection.execute(kind.tables, kind.opening); !made) return made;
  owner = Owner::us;
  return transaction->commit(kind.opening);
}

}  // namespace

Result<Connection> open_own_file(const std::filesystem::path& path, const OwnFileKind& kind,
                                 bool& newer) {
  newer = false;
  {
    auto connection = Connection::open(path, OpenMode::create);
    if (!connection) return std::move(connection).error();
    auto owner = owner_of(*connection, kind);
    if (!owner) return std::move(owner).error();
    if (*owner == Owner::nobody) {
      if (auto begun = begin_file(*connection, kind, *owner); !begun) {
        return std::move(begun).error();
      }
    }
    newer = *owner == Owner::newer_us;
    if (*owner != Owner::us) return not_ours(*connection, kind, *owner);
  }
  // Again, with the short patience of one who has other things to do.
  return Connection::open(path, OpenMode::read_write);
}

Result<Connection> open_existing_own_file(const std::filesystem::path& path,
                                          const OwnFileKind& kind) {
  auto connection = Connection::open(path, OpenMode::read_write);
  if (!connection) return std::move(connection).error();
  const auto owner = owner_of(*connection, kind);
  if (!owner) return owner.error();
  if (*owner != Owner::us) return not_ours(*connection, kind, *owner);
  return connection;
}

// The file itself goes first: what is left of the others without it, SQLite deletes.
Result<std::filesystem::path> set_own_file_aside(const std::filesystem::path& path) {
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

}  // namespace unity::db
