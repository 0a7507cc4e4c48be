#include "mariadb/partitions.hpp"

#include <fmt/format.h>

namespace unity::db::mariadb {
namespace {

constexpr std::chrono::minutes kAheadAgain{1};
constexpr const char* kRead =
    "SELECT partition_name, CAST(partition_description AS SIGNED), table_rows "
    "FROM information_schema.partitions WHERE table_schema = DATABASE() AND table_name = ? "
    "AND partition_name IS NOT NULL ORDER BY partition_ordinal_position";
constexpr const char* kLock = "SELECT GET_LOCK(CONCAT('unity.partitions:', DATABASE()), 5)";
constexpr const char* kUnlock = "SELECT RELEASE_LOCK(CONCAT('unity.partitions:', DATABASE()))";

}  // namespace

Partitions::Partitions(std::string table)
    : table_(std::move(table)), doing_(fmt::format("prepare the partitions of {} in", table_)) {}

void Partitions::forget() {
  known_.clear();
  prepared_for_.reset();
}

Result<void> Partitions::ensure(Connection& connection, Time last, Time now) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  const bool wait = prepared_for_ == today || now < ahead_again_at_;
  if (known_.holds(last) && wait) return {};

  auto made = make(connection, last, today);
  if (made) {
    prepared_for_ = today;
    return {};
  }
  ahead_again_at_ = now + kAheadAgain;
  return known_.holds(last) && !connection.is_lost() ? Result<void>() : std::move(made);
}

Result<void> Partitions::make(Connection& connection, Time last, Day today) {
  auto taken = connection.query(kLock, Parameters(), doing_);
  if (!taken) return std::move(taken).error();
  if (taken->integer(0, 0) != 1) {
    return Error{Errc::unavailable,
                 fmt::format("cannot {} {}: another host is at it", doing_, connection.place())};
  }
  auto done = alter(connection, last, today);
  if (connection.is_lost()) return done;  // and the lock is free
  auto released = connection.query(kUnlock, Parameters(), doing_);
  return done && !released ? Result<void>(std::move(released).error()) : std::move(done);
}

Result<void> Partitions::alter(Connection& connection, Time last, Day today) {
  if (auto done = read(connection); !done) return done;
  auto wanted = known_;  // not known before it is there
  // While an ALTER waits for somebody who reads, nobody else can begin to use the table. So it
  // waits only for a day that is needed now.
  const auto* patience = known_.holds(last) ? "SET STATEMENT lock_wait_timeout = 0 FOR " : "";
  for (const auto& statement : wanted.prepare(table_, last, today)) {
    if (auto done = connection.execute(patience + statement, doing_); !done) return done;
  }
  known_ = wanted;
  return {};
}

Result<void> Partitions::read(Connection& connection) {
  auto rows = connection.query(kRead, Parameters(table_), doing_);
  if (!rows) return std::move(rows).error();
  known_.clear();
  for (int i = 0; i < rows->size(); ++i) {
    known_.add(std::string(rows->bytes(i, 0)), rows->time(i, 1), rows->integer(i, 2));
  }
  return {};
}

}  // namespace unity::db::mariadb
