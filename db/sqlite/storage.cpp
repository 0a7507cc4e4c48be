#include "sqlite/storage.hpp"

#include <fmt/format.h>

#include "base/now.hpp"
#include "frames/merge_groups.hpp"
#include "rollup/rollup.hpp"

namespace unity::db {
namespace {
constexpr std::string_view kWritingFrame = "write a frame to";
}  // namespace

Result<SqliteStorage> SqliteStorage::open(Connection& connection, DatasetKeeper& datasets) {
  auto find = connection.prepare(
      "SELECT vals, doc FROM metric_frames WHERE source_id = ? AND time = ?", kWritingFrame);
  if (!find) return std::move(find).error();
  auto insert = connection.prepare(
      "INSERT INTO metric_frames (source_id, time, vals, doc) VALUES (?, ?, ?, ?)", kWritingFrame);
  if (!insert) return std::move(insert).error();
  auto update = connection.prepare(
      "UPDATE metric_frames SET vals = ?3, doc = ?4 WHERE source_id = ?1 AND time = ?2",
      kWritingFrame);
  if (!update) return std::move(update).error();
  auto sources = SourceCache::open(connection);
  if (!sources) return std::move(sources).error();
  auto mark =
      connection.prepare("INSERT INTO rollup_dirty (tier, bucket) VALUES (?, ?)", kWritingFrame);
  if (!mark) return std::move(mark).error();
  return SqliteStorage(connection, datasets,
                       {std::move(*find), std::move(*insert), std::move(*update), std::move(*mark)},
                       std::move(*sources));
}

Result<std::vector<Rejection>> SqliteStorage::write(std::span<const Record> batch) {
  if (batch.empty()) return std::vector<Rejection>();
  const auto doing = fmt::format("store {} records in", batch.size());
  auto written = attempt(batch, doing);
  if (written || !has_rows(batch) || !lacks_table_or_column(written.error())) return written;
  // Somebody has taken away what a dataset had.
  if (auto mended = datasets_.mend(); !mended) return std::move(mended).error();
  return attempt(batch, doing);
}

Result<std::vector<Rejection>> SqliteStorage::attempt(std::span<const Record> batch,
                                                      std::string_view doing) {
  if (auto learned = datasets_.learn(batch); !learned) return std::move(learned).error();
  auto written = write_in_transaction(batch, doing);
  if (!written) sources_.roll_back();
  return written;
}

Result<std::vector<Rejection>> SqliteStorage::write_in_transaction(std::span<const Record> batch,
                                                                   std::string_view doing) {
  auto transaction = Transaction::begin(connection_, Transaction::Kind::write, doing);
  if (!transaction) return std::move(transaction).error();
  if (auto begun = sources_.begin(); !begun) return std::move(begun).error();
  merger_.take_changed();  // what a write that failed may have left
  std::vector<Rejection> rejections;
  auto groups = group_by_frame(batch, sources_, rejections);
  if (!groups) return std::move(groups).error();
  reject_times(batch, *groups, rejections);
  if (auto read = read_floor(); !read) return std::move(read).error();
  reject_before(floor_.time(), batch, *groups, rejections);
  for (const auto& group : *groups) {
    if (auto done = write_frame(batch, group, rejections); !done) return std::move(done).error();
  }
  const auto rows = group_rows(batch, datasets_, rejections);
  if (auto done = dataset_writer_.write(rows, sources_); !done) return std::move(done).error();
  if (auto marked = mark_changed(*groups); !marked) return std::move(marked).error();
  if (auto committed = transaction->commit(doing); !committed) return std::move(committed).error();
  marks_.commit();
  remember_newest(*groups);
  sort_rejections(rejections);
  return rejections;
}

Result<void> SqliteStorage::write_frame(std::span<const Record> batch, const FrameGroup& group,
                                        std::vector<Rejection>& rejections) {
  auto old = find_frame(group);
  if (!old) return std::move(old).error();
  const bool exists = old->has_value();
  Frame frame = exists ? std::move(**old) : Frame();
  for (const auto index : group.records) {
    auto rejection = merger_.apply(batch[index], index, *group.source, frame);
    if (rejection) rejections.push_back(std::move(*rejection));
  }
  if (auto stored = sources_.store_changes(*group.source); !stored) return stored;
  if (!merger_.take_changed()) return {};

  vals_.clear();
  doc_.clear();
  append_vals(vals_, frame);
  append_doc(doc_, frame);
  const auto doc = doc_.empty() ? std::nullopt : std::optional<std::string_view>(doc_);
  auto& statement = exists ? statements_.update : statements_.insert;
  return connection_.run(statement.bind(group.source->id(), group.time, vals_, doc), kWritingFrame);
}

Result<void> SqliteStorage::mark_changed(const std::vector<FrameGroup>& groups) {
  for (const auto hour : marks_.due(times_of(groups), now())) {
    statements_.mark.bind(static_cast<int>(Tier::hour), hour);
    if (auto done = connection_.run(statements_.mark, kWritingFrame); !done) return done;
  }
  return {};
}

Result<void> SqliteStorage::read_floor() {
  const auto time = now();
  if (!floor_.is_due(time)) return {};
  auto query = connection_.prepare(KnownFloor::kQuery, kWritingFrame);
  if (!query) return std::move(query).error();
  auto row = connection_.next(*query, kWritingFrame);
  if (!row) return std::move(row).error();
  const bool is_there = *row && !query->is_null(0);
  floor_.read(is_there ? std::optional(query->time(0)) : std::nullopt, time);
  return {};
}

Result<std::optional<Frame>> SqliteStorage::find_frame(const FrameGroup& group) {
  // The usual case is a moment later than all others, which needs no looking.
  if (group.time > group.source->newest) return std::optional<Frame>();
  auto& find = statements_.find.bind(group.source->id(), group.time);
  auto row = connection_.next(find, kWritingFrame);
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<Frame>();
  auto frame = parse_frame(find.text(0), find.text(1));
  find.reset();
  if (!frame) return std::move(frame).error();
  return std::optional<Frame>(std::move(*frame));
}

}  // namespace unity::db
