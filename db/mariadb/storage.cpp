#include "mariadb/storage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/now.hpp"
#include "mariadb/error.hpp"
#include "mariadb/source_tables.hpp"
#include "mariadb/stored_frames.hpp"
#include "mariadb/transaction.hpp"
#include "pool/in_session.hpp"
#include "rollup/rollup.hpp"
#include "sources/series_conflict.hpp"

namespace unity::db::mariadb {
namespace {

// Straight, after a look, and again after whatever another writer did in between.
constexpr int kAttempts = 5;

// The latest time that can be stored.
Time last_of(std::span<const Record> batch) {
  auto last = Time::min();
  for (const auto& record : batch) {
    if (is_storable(record.time)) last = std::max(last, record.time);
  }
  return last;
}

}  // namespace

Result<void> MariadbStorage::prepare() {
  auto connection = pool_.take("the writer");
  if (!connection) return std::move(connection).error();
  return partitions_.ensure(**connection, Time::min(), now());
}

Result<std::vector<Rejection>> MariadbStorage::write(std::span<const Record> batch) {
  if (batch.empty()) return std::vector<Rejection>();
  const auto doing = fmt::format("store {} records in", batch.size());
  return in_session(pool_, "the writer", [&](Connection& connection) {
    return write_in_session(connection, batch, doing);
  });
}

Result<std::vector<Rejection>> MariadbStorage::write_in_session(Connection& connection,
                                                                std::span<const Record> batch,
                                                                std::string_view doing) {
  auto way = Way::insert;
  int conflicts = 0;
  for (int i = 1;; ++i) {
    connection.forget_failure();
    auto written = attempt(connection, batch, way, doing);
    if (!written && is_series_conflict(written.error())) {
      if (++conflicts == kSeriesConflictsMax) return series_conflict(std::move(written).error());
      --i;
      continue;
    }
    if (written || i == kAttempts || !recover(connection.code(), i, way)) return written;
    if (connection.code() == code::kNoSuchTable || connection.code() == code::kNoSuchColumn) {
      if (!has_rows(batch)) continue;
      // Somebody may have taken away what a dataset had.
      if (auto mended = datasets_.mend(); !mended) return std::move(mended).error();
    }
  }
}

bool MariadbStorage::recover(unsigned code, int attempts, Way& way) {
  if (code == code::kDuplicateEntry) {
    way = Way::look_first;
    return true;
  }
  if (code == code::kDeadlock) return true;  // the server has chosen us to give way
  if (code == code::kNoPartition) {
    partitions_.forget();
    floor_.forget();  // it is why they are gone, more likely than not
  }
  return attempts == 1 &&
         (code == code::kNoPartition || code == code::kNoSuchTable || code == code::kNoSuchColumn);
}

Result<std::vector<Rejection>> MariadbStorage::attempt(Connection& connection,
                                                       std::span<const Record> batch, Way way,
                                                       std::string_view doing) {
  if (auto read = read_floor(connection, doing); !read) return std::move(read).error();
  if (auto ensured = partitions_.ensure(connection, last_of(batch), now()); !ensured) {
    return std::move(ensured).error();
  }
  if (auto learned = datasets_.learn(batch); !learned) return std::move(learned).error();
  auto transaction = Transaction::begin(connection, doing);
  if (!transaction) return std::move(transaction).error();
  MariadbSourceTables tables(connection);
  sources_.begin(tables);
  std::vector<FrameGroup> groups;
  std::vector<Rejection> rejections;
  auto done = store(connection, batch, way, groups, rejections, doing);
  if (done) done = transaction->commit(doing);
  if (!done) {
    sources_.roll_back();
    dataset_writer_.roll_back();
    return std::move(done).error();
  }
  marks_.commit();
  remember_newest(groups);
  sort_rejections(rejections);
  return rejections;
}

Result<void> MariadbStorage::store(Connection& connection, std::span<const Record> batch, Way way,
                                   std::vector<FrameGroup>& groups,
                                   std::vector<Rejection>& rejections, std::string_view doing) {
  merger_.take_changed();  // what an attempt that failed may have left
  added_.clear();
  changed_.clear();
  auto grouped = group_by_frame(batch, sources_, rejections);
  if (!grouped) return std::move(grouped).error();
  groups = std::move(*grouped);
  reject_times(batch, groups, rejections);
  reject_before(floor_.time(), batch, groups, rejections);
  const auto rows = group_rows(batch, datasets_, rejections);
  if (auto written = dataset_writer_.write(connection, rows, doing); !written) return written;
  if (groups.empty()) return {};
  StoredFrames stored;
  if (way == Way::look_first || std::any_of(groups.begin(), groups.end(), must_exist)) {
    auto found = find_frames(connection, groups, doing);
    if (!found) return std::move(found).error();
    stored = std::move(*found);
  }
  const auto touched =
      merge_groups(merger_, batch, groups, stored, rejections,
                   [this](const FrameGroup& group, const Frame& frame, bool exists) {
                     append_frame(exists ? changed_ : added_, *group.source, group.time, frame);
                   });
  if (auto described = sources_.store_changes(touched); !described) return described;
  if (!changed_.empty()) {
    if (auto replaced = replace_frames(connection, changed_, doing); !replaced) return replaced;
  }
  if (!added_.empty()) {
    if (auto inserted = insert_frames(connection, added_, doing); !inserted) return inserted;
  }
  return mark_changed(connection, groups, doing);
}

Result<void> MariadbStorage::read_floor(Connection& connection, std::string_view doing) {
  const auto time = now();
  if (!floor_.is_due(time)) return {};
  auto row = connection.query(KnownFloor::kQuery, Parameters(), doing);
  if (!row) return std::move(row).error();
  floor_.read(row->is_null(0, 0) ? std::nullopt : std::optional(row->time(0, 0)), time);
  return {};
}

Result<void> MariadbStorage::mark_changed(Connection& connection,
                                          const std::vector<FrameGroup>& groups,
                                          std::string_view doing) {
  for (const auto hour : marks_.due(times_of(groups), now())) {
    auto marked = connection.query("INSERT INTO rollup_dirty (tier, bucket) VALUES (?, ?)",
                                   Parameters(static_cast<int>(Tier::hour), hour), doing);
    if (!marked) return std::move(marked).error();
  }
  return {};
}

}  // namespace unity::db::mariadb
