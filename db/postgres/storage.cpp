#include "postgres/storage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/now.hpp"
#include "pool/in_session.hpp"
#include "postgres/error.hpp"
#include "postgres/source_tables.hpp"
#include "rollup/rollup.hpp"
#include "sources/series_conflict.hpp"

namespace unity::db::postgres {
namespace {

constexpr const char* kCopy =
    "COPY metric_frames (source_id, time, vals, doc) FROM STDIN (FORMAT binary)";
// By COPY, by staging, and again after whatever another writer did in between.
constexpr int kAttempts = 4;

std::vector<Day> days_of(std::span<const Record> batch, Time floor) {
  std::vector<Day> days;
  for (const auto& record : batch) {
    const auto day = std::chrono::floor<std::chrono::days>(record.time);
    if (!is_storable(record.time) || record.time < floor) continue;
    if (days.empty() || days.back() != day) days.push_back(day);
  }
  return days;
}

}  // namespace

Result<void> PostgresStorage::prepare() {
  auto connection = pool_.take("the writer");
  if (!connection) return std::move(connection).error();
  return partitions_.ensure(**connection, {}, now());
}

Result<std::vector<Rejection>> PostgresStorage::write(std::span<const Record> batch) {
  if (batch.empty()) return std::vector<Rejection>();
  const auto doing = fmt::format("store {} records in", batch.size());
  return in_session(pool_, "the writer", [&](Connection& connection) {
    return write_in_session(connection, batch, doing);
  });
}

Result<std::vector<Rejection>> PostgresStorage::write_in_session(Connection& connection,
                                                                 std::span<const Record> batch,
                                                                 std::string_view doing) {
  auto way = Way::copy;
  int conflicts = 0;
  for (int i = 1;; ++i) {
    connection.forget_failure();
    auto written = attempt(connection, batch, way, doing);
    if (!written && is_series_conflict(written.error())) {
      if (++conflicts == kSeriesConflictsMax) return series_conflict(std::move(written).error());
      --i;
      continue;
    }
    if (written || i == kAttempts || !recover(connection.sqlstate(), i, way)) return written;
    if (connection.sqlstate() == sqlstate::kUndefinedTable ||
        connection.sqlstate() == sqlstate::kUndefinedColumn) {
      if (!has_rows(batch)) continue;
      // Somebody may have taken away what a dataset had.
      if (auto mended = datasets_.mend(); !mended) return std::move(mended).error();
    }
  }
}

// The caches have been cleared where they may be wrong; see attempt().
bool PostgresStorage::recover(std::string_view state, int attempts, Way& way) {
  if (state == sqlstate::kUniqueViolation) {
    way = Way::stage;
    return true;
  }
  // The server has chosen us to give way to another writer.
  if (state == sqlstate::kDeadlock || state == sqlstate::kSerialization) return true;
  if (state == sqlstate::kCheckViolation) {
    partitions_.forget();
    floor_.forget();  // it is why they are gone, more likely than not
  }
  return attempts == 1 &&
         (state == sqlstate::kCheckViolation || state == sqlstate::kUndefinedTable ||
          state == sqlstate::kUndefinedColumn);
}

Result<std::vector<Rejection>> PostgresStorage::attempt(Connection& connection,
                                                        std::span<const Record> batch, Way way,
                                                        std::string_view doing) {
  if (auto read = read_floor(connection, doing); !read) return std::move(read).error();
  if (auto ensured = partitions_.ensure(connection, days_of(batch, floor_.time()), now());
      !ensured) {
    return std::move(ensured).error();
  }
  if (auto learned = datasets_.learn(batch); !learned) return std::move(learned).error();
  LazyTransaction transaction(connection);
  PostgresSourceTables tables(transaction);
  sources_.begin(tables);
  merger_.take_changed();  // what an attempt that failed may have left
  std::vector<Rejection> rejections;
  const auto run = [&]() -> Result<void> {
    auto groups = group_by_frame(batch, sources_, rejections);
    if (!groups) return std::move(groups).error();
    reject_times(batch, *groups, rejections);
    reject_before(floor_.time(), batch, *groups, rejections);
    const auto rows = group_rows(batch, datasets_, rejections);
    if (!rows.empty()) {
      auto used = transaction.use(doing);
      if (!used) return std::move(used).error();
      if (auto done = dataset_writer_.write(**used, rows, doing); !done) return done;
    }
    if (groups->empty()) return transaction.commit(doing);
    StoredFrames stored;
    if (way == Way::stage || std::any_of(groups->begin(), groups->end(), must_exist)) {
      auto used = transaction.use(doing);
      if (!used) return std::move(used).error();
      auto found = staging_.find(connection, *groups, doing);
      if (!found) return std::move(found).error();
      stored = std::move(*found);
    }
    const auto touched = merge(batch, *groups, stored, rejections);
    if (auto done = sources_.store_changes(touched); !done) return done;
    if (auto done = mark_changed(transaction, *groups, doing); !done) return done;
    if (!changed_.empty()) {
      if (auto done = staging_.replace(connection, changed_, doing); !done) return done;
    }
    if (!added_.empty()) {
      if (auto done = connection.copy_in(kCopy, added_.finish(), doing); !done) return done;
    }
    if (auto done = transaction.commit(doing); !done) return done;
    marks_.commit();
    remember_newest(*groups);
    return {};
  };
  if (auto done = run(); !done) {
    // Without a transaction nothing was learned but by a COPY of frames, which teaches nothing.
    dataset_writer_.roll_back();
    if (transaction.begun() || connection.sqlstate() != sqlstate::kUniqueViolation) {
      sources_.clear();
    }
    return std::move(done).error();
  }
  sort_rejections(rejections);
  return rejections;
}

Result<void> PostgresStorage::read_floor(Connection& connection, std::string_view doing) {
  const auto time = now();
  if (!floor_.is_due(time)) return {};
  auto row = connection.query(KnownFloor::kQuery, Parameters(), doing);
  if (!row) return std::move(row).error();
  floor_.read(row->is_null(0, 0) ? std::nullopt : std::optional(row->time(0, 0)), time);
  return {};
}

Result<void> PostgresStorage::mark_changed(LazyTransaction& transaction,
                                           const std::vector<FrameGroup>& groups,
                                           std::string_view doing) {
  for (const auto hour : marks_.due(times_of(groups), now())) {
    auto session = transaction.use(doing);
    if (!session) return std::move(session).error();
    auto marked =
        (*session)->query("INSERT INTO rollup_dirty (tier, bucket) VALUES ($1::bigint, $2)",
                          Parameters(static_cast<std::int64_t>(Tier::hour), hour), doing);
    if (!marked) return std::move(marked).error();
  }
  return {};
}

std::vector<Source*> PostgresStorage::merge(std::span<const Record> batch,
                                            const std::vector<FrameGroup>& groups,
                                            const StoredFrames& stored,
                                            std::vector<Rejection>& rejections) {
  added_.clear();
  changed_.clear();
  return merge_groups(merger_, batch, groups, stored, rejections,
                      [this](const FrameGroup& group, const Frame& frame, bool exists) {
                        append_frame(exists ? changed_ : added_, *group.source, group.time, frame);
                      });
}

}  // namespace unity::db::postgres
