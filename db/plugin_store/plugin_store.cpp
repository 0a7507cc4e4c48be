#include "unity/db/plugin_store.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "sqlite/own_file.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kOpening = "open what is kept for plugins in";
constexpr std::string_view kReading = "read what is kept for plugins in";
constexpr std::string_view kKeeping = "keep what plugins ask for in";
constexpr std::string_view kForgetting = "remove what is kept for a plugin from";

// The pragmas at the end are "UNPS", and the version, which goes up when the tables change.
constexpr const char* kTables = R"(
CREATE TABLE state (
  instance TEXT NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (instance, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
  instance TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL,
  place INTEGER NOT NULL
) STRICT;
PRAGMA application_id = 1431195731;
PRAGMA user_version = 1;
)";
constexpr OwnFileKind kKind{kOpening, 0x554e5053, 1, kTables};

struct StoreFile {
  Connection connection;
  Statement put, remove, put_checkpoint, forget_state, forget_checkpoint;
};

Result<StoreFile> prepare(Connection connection) {
  auto put = connection.prepare(
      "INSERT INTO state (instance, key, value) VALUES (?, ?, ?) "
      "ON CONFLICT DO UPDATE SET value = excluded.value",
      kOpening);
  if (!put) return std::move(put).error();
  auto remove = connection.prepare("DELETE FROM state WHERE instance = ? AND key = ?", kOpening);
  if (!remove) return std::move(remove).error();
  auto put_checkpoint = connection.prepare(
      "INSERT INTO checkpoints (instance, value, place) VALUES (?, ?, ?) "
      "ON CONFLICT DO UPDATE SET value = excluded.value, place = excluded.place",
      kOpening);
  if (!put_checkpoint) return std::move(put_checkpoint).error();
  auto forget_state = connection.prepare("DELETE FROM state WHERE instance = ?", kOpening);
  if (!forget_state) return std::move(forget_state).error();
  auto forget_checkpoint =
      connection.prepare("DELETE FROM checkpoints WHERE instance = ?", kOpening);
  if (!forget_checkpoint) return std::move(forget_checkpoint).error();
  return StoreFile{std::move(connection),    std::move(*put),
                   std::move(*remove),       std::move(*put_checkpoint),
                   std::move(*forget_state), std::move(*forget_checkpoint)};
}

Result<StoreFile> open_file(const std::filesystem::path& path, bool& newer) {
  auto connection = open_own_file(path, kKind, newer);
  if (!connection) return std::move(connection).error();
  return prepare(std::move(*connection));
}

Result<PluginChanges> read_all(Connection& connection) {
  PluginChanges all;
  auto state = connection.prepare("SELECT instance, key, value FROM state", kReading);
  if (!state) return std::move(state).error();
  for (;;) {
    const auto row = connection.next(*state, kReading);
    if (!row) return row.error();
    if (!*row) break;
    all.state.push_back(
        {std::string(state->text(0)), std::string(state->text(1)), std::string(state->text(2))});
  }
  auto checkpoints = connection.prepare("SELECT instance, value, place FROM checkpoints", kReading);
  if (!checkpoints) return std::move(checkpoints).error();
  for (;;) {
    const auto row = connection.next(*checkpoints, kReading);
    if (!row) return row.error();
    if (!*row) return all;
    all.checkpoints.push_back({std::string(checkpoints->text(0)), std::string(checkpoints->text(1)),
                               static_cast<std::uint64_t>(checkpoints->integer(2))});
  }
}

Result<void> apply(StoreFile& file, const PluginChanges& changes) {
  auto& connection = file.connection;
  auto transaction = Transaction::begin(connection, Transaction::Kind::write, kKeeping);
  if (!transaction) return std::move(transaction).error();
  for (const auto& change : changes.state) {
    auto& statement = change.value.empty()
                          ? file.remove.bind(change.instance, Blob{change.key})
                          : file.put.bind(change.instance, Blob{change.key}, Blob{change.value});
    if (auto done = connection.run(statement, kKeeping); !done) return done;
  }
  for (const auto& one : changes.checkpoints) {
    file.put_checkpoint.bind(one.instance, Blob{one.value}, static_cast<std::int64_t>(one.place));
    if (auto done = connection.run(file.put_checkpoint, kKeeping); !done) return done;
  }
  return transaction->commit(kKeeping);
}

}  // namespace

class PluginStore::Impl {
 public:
  explicit Impl(std::filesystem::path path) : path_(std::move(path)) {}

  Result<void> open() {
    bool newer = false;
    auto done = open_and_read(newer);
    if (done || newer || done.error().code == Errc::unavailable) return done;
    return begin_anew(done.error().message);
  }

  PluginChanges take_loaded() { return std::exchange(loaded_, {}); }

  Result<void> write(const PluginChanges& changes) {
    if (changes.empty()) return {};
    if (auto there = check_there(); !there) return there;
    return apply(*file_, changes);
  }

  Result<void> rewrite(const PluginChanges& all, const std::string& why) {
    if (auto begun = begin_anew(why); !begun) return begun;
    return apply(*file_, all);
  }

  Result<void> forget(std::string_view instance) {
    if (auto there = check_there(); !there) return there;
    auto& connection = file_->connection;
    auto transaction = Transaction::begin(connection, Transaction::Kind::write, kForgetting);
    if (!transaction) return std::move(transaction).error();
    for (auto* statement : {&file_->forget_state, &file_->forget_checkpoint}) {
      if (auto done = connection.run(statement->bind(instance), kForgetting); !done) return done;
    }
    return transaction->commit(kForgetting);
  }

  std::string take_notice() { return std::exchange(notice_, {}); }

 private:
  Result<void> open_and_read(bool& newer) {
    auto file = open_file(path_, newer);
    if (!file) return std::move(file).error();
    auto all = read_all(file->connection);
    if (!all) return std::move(all).error();
    file_.emplace(std::move(*file));
    loaded_ = std::move(*all);
    return {};
  }

  // What is written to a file without a name is lost.
  Result<void> check_there() const {
    if (file_ && !file_->connection.has_moved()) return {};
    return Error{Errc::refused,
                 fmt::format("cannot {} {}: the file was removed or replaced while the host ran",
                             kKeeping, path_.string())};
  }

  Result<void> begin_anew(const std::string& why) {
    file_.reset();
    std::error_code ignored;
    const bool there = std::filesystem::exists(path_, ignored);
    const auto aside = set_own_file_aside(path_);
    if (!aside) return aside.error();
    bool newer = false;
    auto file = open_file(path_, newer);
    if (!file) return std::move(file).error();
    file_.emplace(std::move(*file));
    notice_ =
        there ? fmt::format("{}; it is kept as {}, and a new file is begun", why, aside->string())
              : fmt::format("{}; a new file is begun", why);
    return {};
  }

  std::filesystem::path path_;
  std::optional<StoreFile> file_;  // nothing after beginning anew failed
  PluginChanges loaded_;
  std::string notice_;
};

Result<PluginStore> PluginStore::open(const std::filesystem::path& file) {
  auto impl = std::make_unique<Impl>(file);
  if (auto opened = impl->open(); !opened) return std::move(opened).error();
  return PluginStore(std::move(impl));
}

PluginStore::PluginStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PluginStore::PluginStore(PluginStore&&) noexcept = default;
PluginStore& PluginStore::operator=(PluginStore&&) noexcept = default;
PluginStore::~PluginStore() = default;

PluginChanges PluginStore::take_loaded() { return impl_->take_loaded(); }
Result<void> PluginStore::write(const PluginChanges& changes) { return impl_->write(changes); }
Result<void> PluginStore::rewrite(const PluginChanges& all, const std::string& why) {
  return impl_->rewrite(all, why);
}
Result<void> PluginStore::forget(std::string_view instance) { return impl_->forget(instance); }
std::string PluginStore::take_notice() { return impl_->take_notice(); }

}  // namespace unity::db
