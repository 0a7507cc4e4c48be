#include "sqlite/schema_session.hpp"

#include <fmt/format.h>

#include <optional>
#include <thread>

#include "sqlite/dataset_registry.hpp"
#include "sqlite/file_lock.hpp"
#include "sqlite/history.hpp"
#include "sqlite/inspect.hpp"
#include "unity/core/base/time.hpp"

namespace unity::db {
namespace {

class SqliteSchemaSession final : public SchemaSession {
 public:
  // Without a connection: there is no file.
  SqliteSchemaSession(std::filesystem::path path, std::optional<FileLock> lock,
                      std::optional<Connection> connection)
      : path_(std::move(path)),
        lock_(std::move(lock)),
        connection_(std::move(connection)),
        datasets_(connection_ ? &*connection_ : nullptr) {}

  Dialect dialect() const override { return Dialect::sqlite; }
  std::string place() const override { return path_.string(); }
  bool is_atomic() const override { return true; }

  Result<History> history() override {
    if (!connection_) return History();
    return read_history(*connection_);
  }
  Result<schema::Catalog> inspect() override {
    if (!connection_) return schema::Catalog();
    return db::inspect(*connection_);
  }
  Result<schema::Catalog> expect(const schema::Schema& schema) override {
    return expected_catalog(schema);
  }

  Result<void> begin(std::string_view doing) override {
    // Before the transaction: inside it this has no effect, and dropping a table that is made anew
    // would take along all rows that refer to it. References by name stay as they are.
    auto set =
        connection_->execute("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON", doing);
    if (!set) return set;
    auto begun = Transaction::begin(*connection_, Transaction::Kind::write, doing);
    if (!begun) return std::move(begun).error();
    transaction_.emplace(std::move(*begun));
    return {};
  }
  Result<void> execute(const std::string& statement, std::string_view doing) override {
    return connection_->execute(statement.c_str(), doing);
  }
  Result<void> write(const HistoryRow& row, std::string_view doing) override {
    return write_history(*connection_, row, doing);
  }
  Result<void> erase(int seq, std::string_view doing) override {
    auto statement = connection_->prepare("DELETE FROM schema_migrations WHERE seq = ?", doing);
    if (!statement) return std::move(statement).error();
    statement->bind(seq);
    return connection_->run(*statement, doing);
  }
  Result<std::string> recorded_sql(int seq) override { return read_sql(*connection_, seq); }
  Result<void> commit(std::string_view doing) override {
    if (auto whole = require_no_orphans(doing); !whole) return whole;
    return transaction_->commit(doing);
  }
  DatasetRegistry& datasets() override { return datasets_; }

 private:
  Result<void> require_no_orphans(std::string_view doing) {
    auto rows =
        connection_->prepare("SELECT \"table\", parent FROM pragma_foreign_key_check", doing);
    if (!rows) return std::move(rows).error();
    auto row = connection_->next(*rows, doing);
    if (!row) return std::move(row).error();
    if (!*row) return {};
    return Error{Errc::refused,
                 fmt::format("cannot {} {}: rows of {} would refer to rows of {} that are not "
                             "there. Nothing was changed",
                             doing, place(), rows->text(0), rows->text(1))};
  }

  std::filesystem::path path_;
  std::optional<FileLock> lock_;
  std::optional<Connection> connection_;
  SqliteDatasetRegistry datasets_;
  std::optional<Transaction> transaction_;  // last: rolls back first
};

// As long as a server is waited for; see postgres/schema_session.hpp.
constexpr Duration kLockWaitMax = std::chrono::seconds(600);
constexpr Duration kPoll = std::chrono::milliseconds(200);

// Asks again and again, as the system call that waits has no bound.
Result<void> take_lock(FileLock& lock, const std::filesystem::path& path) {
  for (auto waited = Duration::zero();; waited += kPoll) {
    auto taken = lock.try_lock();
    if (!taken) return std::move(taken).error();
    if (*taken) return {};
    if (waited >= kLockWaitMax) {
      return Error{Errc::unavailable,
                   fmt::format("cannot change the schema of {}: another process has been at it for "
                               "more than {}",
                               path.string(), unity::to_text(kLockWaitMax))};
    }
    std::this_thread::sleep_for(kPoll);
  }
}

bool file_exists(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at fails with a better message when opened
  return std::filesystem::exists(path, ignored);
}

}  // namespace

Result<std::unique_ptr<SchemaSession>> look_at_sqlite_schema(const DatabaseConfig& config) {
  std::optional<Connection> connection;
  if (file_exists(config.path)) {
    auto opened = Connection::open(config.path, OpenMode::read_only);
    if (!opened) return std::move(opened).error();
    connection.emplace(std::move(*opened));
  }
  return std::unique_ptr<SchemaSession>(
      std::make_unique<SqliteSchemaSession>(config.path, std::nullopt, std::move(connection)));
}

Result<std::unique_ptr<SchemaSession>> open_sqlite_schema(const DatabaseConfig& config) {
  auto lock = FileLock::open(config.path, ".migrate.lock");
  if (!lock) return std::move(lock).error();
  if (auto locked = take_lock(*lock, config.path); !locked) return std::move(locked).error();
  auto connection = Connection::open(config.path, OpenMode::create);
  if (!connection) return std::move(connection).error();
  return std::unique_ptr<SchemaSession>(
      std::make_unique<SqliteSchemaSession>(config.path, std::move(*lock), std::move(*connection)));
}

}  // namespace unity::db
