#include "postgres/storage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/now.hpp"
#include "postgres/error.hpp"

namespace unity::db::postgres {
namespace {

constexpr const char* kCopy =
    "COPY metric_frames (source_id, time, vals, doc) FROM STDIN (FORMAT binary)";
// By COPY, by staging, and again after whatever another writer did in between.
constexpr int kAttempts = 4;

// Takes out what no partition can hold.
void reject_times(std::span<const Record> batch, std::vector<FrameGroup>& groups,
                  std::vector<Rejection>& rejections) {
  std::erase_if(groups, [&](const FrameGroup& group) {
    if (is_storable(group.time)) return false;
    for (const auto index : group.records) {
      rejections.push_back({index, "invalid",
                            fmt::format("metric \"{}\": its time is outside of the years 1 to 9999",
                                        batch[index].metric)});
    }
    return true;
  });
}

std::vector<Day> days_of(std::span<const Record> batch) {
  std::vector<Day> days;
  for (const auto& record : batch) {
    const auto day = std::chrono::floor<std::chrono::days>(record.time);
    if (is_storable(record.time) && (days.empty() || days.back() != day)) days.push_back(day);
  }
  return days;
}

// What this writer itself wrote last exists for certain.
bool must_exist(const FrameGroup& group) { return group.time == group.source->newest; }

}  // namespace

Result<void> PostgresStorage::prepare() {
  auto connection = pool_.take("the writer");
  if (!connection) return std::move(connection).error();
  return partitions_.ensure(**connection, {}, now());
}

Result<std::vector<Rejection>> PostgresStorage::write(std::span<const Record> batch) {
  if (batch.empty()) return std::vector<Rejection>();
  const auto doing = fmt::format("store {} records in", batch.size());
  bool lost = false;
  auto written = write_in_session(batch, doing, lost);
  if (written || !lost) return written;
  // The server has gone, and with it every session. It may be back already, as after a restart.
  pool_.drop_idle();
  return write_in_session(batch, doing, lost);
}

Result<std::vector<Rejection>> PostgresStorage::write_in_session(std::span<const Record> batch,
                                                                 std::string_view doing,
                                                                 bool& lost) {
  auto connection = pool_.take("the writer");
  if (!connection) return std::move(connection).error();
  auto way = Way::copy;
  for (int i = 1;; ++i) {
    (*connection)->forget_failure();
    auto written = attempt(**connection, batch, way, doing);
    if (written) return written;
    lost = (*connection)->is_lost();
    if (i == kAttempts || !recover((*connection)->sqlstate(), i, way)) return written;
  }
}

// The caches have been cleared where they may be wrong; see attempt().
bool PostgresStorage::recover(std::string_view state, int attempts, Way& way) {
  if (state == sqlstate::kUniqueViolation) {
    way = Way::stage;
    return true;
  }
  if (state == sqlstate::kCheckViolation) partitions_.forget();
  return attempts == 1 &&
         (state == sqlstate::kCheckViolation || state == sqlstate::kUndefinedTable ||
          state == sqlstate::kUndefinedColumn);
}

Result<std::vector<Rejection>> PostgresStorage::attempt(Connection& connection,
                                                        std::span<const Record> batch, Way way,
                                                        std::string_view doing) {
  if (auto ensured = partitions_.ensure(connection, days_of(batch), now()); !ensured) {
    return std::move(ensured).error();
  }
  LazyTransaction transaction(connection);
  sources_.begin(transaction);
  merger_.take_changed();  // what an attempt that failed may have left
  std::vector<Rejection> rejections;
  const auto run = [&]() -> Result<void> {
    auto groups = group_by_frame(batch, sources_, rejections);
    if (!groups) return std::move(groups).error();
    reject_times(batch, *groups, rejections);
    if (groups->empty()) return transaction.commit(doing);
    StoredFrames stored;
    if (way == Way::stage || std::any_of(groups->begin(), groups->end(), must_exist)) {
      auto used = transaction.use(doing);
      if (!used) return std::move(used).error();
      auto found = staging_.find(connection, *groups, doing);
      if (!found) return std::move(found).error();
      stored = std::move(*found);
    }
    merge(batch, *groups, stored, rejections);
    if (auto done = sources_.store_changes(touched_); !done) return done;
    if (!changed_.empty()) {
      if (auto done = staging_.replace(connection, changed_, doing); !done) return done;
    }
    if (!added_.empty()) {
      if (auto done = connection.copy_in(kCopy, added_.finish(), doing); !done) return done;
    }
    if (auto done = transaction.commit(doing); !done) return done;
    for (const auto& group : *groups) {
      group.source->newest = std::max(group.source->newest, group.time);
    }
    return {};
  };
  if (auto done = run(); !done) {
    // Without a transaction nothing was learned but by a COPY of frames, which teaches nothing.
    if (transaction.begun() || connection.sqlstate() != sqlstate::kUniqueViolation) {
      sources_.clear();
    }
    return std::move(done).error();
  }
  std::sort(rejections.begin(), rejections.end(),
            [](const Rejection& a, const Rejection& b) { return a.index < b.index; });
  return rejections;
}

void PostgresStorage::merge(std::span<const Record> batch, const std::vector<FrameGroup>& groups,
                            const StoredFrames& stored, std::vector<Rejection>& rejections) {
  added_.clear();
  changed_.clear();
  touched_.clear();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& group = groups[i];
    const auto old = stored.find(i);
    Frame frame = old != stored.end() ? old->second : Frame();
    for (const auto index : group.records) {
      auto rejection = merger_.apply(batch[index], index, *group.source, frame);
      if (rejection) rejections.push_back(std::move(*rejection));
    }
    if (!group.source->changes().empty()) touched_.push_back(group.source);
    if (!merger_.take_changed()) continue;
    append_frame(old != stored.end() ? changed_ : added_, *group.source, group.time, frame);
  }
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
}

}  // namespace unity::db::postgres
