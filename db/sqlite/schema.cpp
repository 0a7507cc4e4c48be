#include "sqlite/schema.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "migrate/upgrade.hpp"
#include "sqlite/history.hpp"

namespace unity::db {
namespace {

// Lets one process at a time change the schema. Lies beside the database and stays there: a lock
// file that is deleted is a lock that two can hold.
class MigrationLock {
 public:
  static Result<MigrationLock> take(const std::filesystem::path& database) {
    const auto path = database.string() + ".migrate.lock";
    MigrationLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.fd_ < 0) return failed("create", path, database);
    while (flock(lock.fd_, LOCK_EX) != 0) {
      if (errno != EINTR) return failed("lock", path, database);
    }
    return lock;
  }

  MigrationLock(MigrationLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~MigrationLock() {
    if (fd_ >= 0) close(fd_);
  }

 private:
  explicit MigrationLock(int fd) : fd_(fd) {}

  static Error failed(std::string_view what, std::string_view path,
                      const std::filesystem::path& database) {
    const int reason = errno;
    const auto folder = std::filesystem::absolute(database).parent_path().string();
    const auto advice =
        reason == ENOENT || reason == ENOTDIR
            ? fmt::format("; create the folder {}", folder)
            : fmt::format("; the host's user must be able to write to the folder {}", folder);
    return {Errc::unavailable,
            fmt::format("cannot {} {}: {}{}", what, path, std::strerror(reason), advice)};
  }

  int fd_;
};

bool file_exists(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at fails with a better message when opened
  return std::filesystem::exists(path, ignored);
}

// Looks without any lock, because nearly every start finds nothing to do.
Result<bool> has_head(const std::filesystem::path& path, Migrations migrations) {
  if (!file_exists(path)) return false;
  auto connection = Connection::open(path, OpenMode::read_only);
  if (!connection) return std::move(connection).error();
  SqliteHistory history(*connection);
  return is_at_head(history, migrations);
}

}  // namespace

Result<SchemaState> sqlite_schema_state(const std::filesystem::path& path, Migrations migrations) {
  if (!file_exists(path)) return describe_schema(migrations, Dialect::sqlite, {});
  auto connection = Connection::open(path, OpenMode::read_only);
  if (!connection) return std::move(connection).error();
  SqliteHistory history(*connection);
  return describe_schema(history, migrations);
}

Result<std::vector<MigrationState>> upgrade_sqlite(const std::filesystem::path& path,
                                                   Migrations migrations,
                                                   std::string_view app_version) {
  const auto at_head = has_head(path, migrations);
  // Unavailable: somebody else is at it, perhaps. Wait for the lock and look again.
  if (!at_head && at_head.error().code != Errc::unavailable) return at_head.error();
  if (at_head && *at_head) return std::vector<MigrationState>();

  auto lock = MigrationLock::take(path);
  if (!lock) return std::move(lock).error();
  auto connection = Connection::open(path, OpenMode::create);
  if (!connection) return std::move(connection).error();
  constexpr std::string_view doing = "upgrade the schema of";
  auto transaction = Transaction::begin(*connection, Transaction::Kind::write, doing);
  if (!transaction) return std::move(transaction).error();
  SqliteHistory history(*connection);
  auto done = apply_pending(history, migrations, app_version);
  if (!done) return done;
  if (auto committed = transaction->commit(doing); !committed) return std::move(committed).error();
  return done;
}

}  // namespace unity::db
