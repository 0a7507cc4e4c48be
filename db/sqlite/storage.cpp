#include "sqlite/storage.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace unity::db {
namespace {
constexpr std::string_view kDoing = "write a frame to";
}  // namespace

Result<SqliteStorage> SqliteStorage::open(Connection& connection) {
  auto find = connection.prepare(
      "SELECT vals, doc FROM metric_frames WHERE source_id = ? AND time = ?", kDoing);
  if (!find) return std::move(find).error();
  auto insert = connection.prepare(
      "INSERT INTO metric_frames (source_id, time, vals, doc) VALUES (?, ?, ?, ?)", kDoing);
  if (!insert) return std::move(insert).error();
  auto update = connection.prepare(
      "UPDATE metric_frames SET vals = ?3, doc = ?4 WHERE source_id = ?1 AND time = ?2", kDoing);
  if (!update) return std::move(update).error();
  auto sources = SourceCache::open(connection);
  if (!sources) return std::move(sources).error();
  return SqliteStorage(connection, {std::move(*find), std::move(*insert), std::move(*update)},
                       std::move(*sources));
}

Result<std::vector<Rejection>> SqliteStorage::write(std::span<const Record> batch) {
  if (batch.empty()) return std::vector<Rejection>();
  const auto doing = fmt::format("store {} records in", batch.size());
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
  for (const auto& group : *groups) {
    if (auto done = write_frame(batch, group, rejections); !done) return std::move(done).error();
  }
  if (auto committed = transaction->commit(doing); !committed) return std::move(committed).error();
  for (const auto& group : *groups) {
    group.source->newest = std::max(group.source->newest, group.time);
  }
  std::sort(rejections.begin(), rejections.end(),
            [](const Rejection& a, const Rejection& b) { return a.index < b.index; });
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
  return connection_.run(statement.bind(group.source->id(), group.time, vals_, doc), kDoing);
}

Result<std::optional<Frame>> SqliteStorage::find_frame(const FrameGroup& group) {
  // The usual case is a moment later than all others, which needs no looking.
  if (group.time > group.source->newest) return std::optional<Frame>();
  auto& find = statements_.find.bind(group.source->id(), group.time);
  auto row = connection_.next(find, kDoing);
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<Frame>();
  auto frame = parse_frame(find.text(0), find.text(1));
  find.reset();
  if (!frame) return std::move(frame).error();
  return std::optional<Frame>(std::move(*frame));
}

}  // namespace unity::db
