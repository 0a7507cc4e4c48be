#include "mariadb/stored_frames.hpp"

#include <algorithm>

#include "mariadb/json_table.hpp"

namespace unity::db::mariadb {
namespace {

// The bounds of time leave most partitions out.
constexpr const char* kFind =
    "SELECT w.ordinal, f.vals, f.doc FROM JSON_TABLE(?, '$[*]' COLUMNS "
    "(ordinal FOR ORDINALITY, source_id BIGINT PATH '$[0]', time BIGINT PATH '$[1]')) w "
    "STRAIGHT_JOIN metric_frames f FORCE INDEX (PRIMARY) "
    "ON f.source_id = w.source_id AND f.time = w.time "
    "WHERE f.time >= ? AND f.time <= ? FOR UPDATE";
constexpr const char* kInsert =
    "INSERT INTO metric_frames (source_id, time, vals, doc) VALUES (?, ?, ?, ?)";
constexpr const char* kReplace =
    "INSERT INTO metric_frames (source_id, time, vals, doc) VALUES (?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE vals = VALUES(vals), doc = VALUES(doc)";

}  // namespace

void append_frame(BulkRows& rows, const Source& source, Time time, const Frame& frame) {
  thread_local std::string text;
  rows.begin_row();
  rows.add(source.id());
  rows.add(time);
  text.clear();
  append_vals(text, frame);
  rows.add(std::string_view(text));
  text.clear();
  append_doc(text, frame);
  text.empty() ? rows.add_null() : rows.add_json(text);
}

Result<StoredFrames> find_frames(Connection& connection, const std::vector<FrameGroup>& groups,
                                 std::string_view doing) {
  const auto [first, last] =
      std::minmax_element(groups.begin(), groups.end(),
                          [](const FrameGroup& a, const FrameGroup& b) { return a.time < b.time; });
  JsonRows keys;
  for (const auto& group : groups) {
    keys.begin_row();
    keys.add(group.source->id());
    keys.add(std::int64_t{group.time.time_since_epoch().count()});
  }
  auto rows = connection.query(kFind, Parameters(keys.finish(), first->time, last->time), doing);
  if (!rows) return std::move(rows).error();
  StoredFrames found;
  for (int i = 0; i < rows->size(); ++i) {
    auto frame = parse_frame(rows->bytes(i, 1), rows->bytes(i, 2));
    if (!frame) return std::move(frame).error();
    found.emplace(static_cast<std::size_t>(rows->integer(i, 0)) - 1, std::move(*frame));
  }
  return found;
}

Result<void> insert_frames(Connection& connection, BulkRows& rows, std::string_view doing) {
  return connection.bulk(kInsert, rows, doing);
}

Result<void> replace_frames(Connection& connection, BulkRows& rows, std::string_view doing) {
  return connection.bulk(kReplace, rows, doing);
}

}  // namespace unity::db::mariadb
