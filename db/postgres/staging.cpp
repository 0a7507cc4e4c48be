#include "postgres/staging.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "postgres/frame_form.hpp"

namespace unity::db::postgres {
namespace {

// Emptied at the end of each transaction; a TRUNCATE would make new files for it each time.
const std::string kPrepare =
    "CREATE TEMPORARY TABLE IF NOT EXISTS staged_frames (source_id bigint NOT NULL, "
    "time timestamptz NOT NULL, vals double precision[] NOT NULL, doc jsonb, ordinal integer) "
    "ON COMMIT DELETE ROWS";
constexpr const char* kStage =
    "COPY staged_frames (source_id, time, vals, doc) FROM STDIN (FORMAT binary)";
constexpr const char* kStageKeys =
    "COPY staged_frames (source_id, time, vals, ordinal) FROM STDIN (FORMAT binary)";
// Each key is looked up by itself (OFFSET 0 keeps it so): the planner knows nothing of a temporary
// table and little of a partition that is being filled, and may as well read all of it. The bounds
// of time leave most partitions out.
constexpr const char* kFind =
    "SELECT s.ordinal, f.vals, f.doc FROM staged_frames s CROSS JOIN LATERAL "
    "(SELECT vals, doc FROM metric_frames WHERE source_id = s.source_id AND time = s.time "
    "AND time >= $1 AND time <= $2 OFFSET 0) f";
// In a compressed chunk an UPDATE would unpack all of it, this only what the keys are in.
constexpr const char* kReplace =
    "INSERT INTO metric_frames (source_id, time, vals, doc) "
    "SELECT source_id, time, vals, doc FROM staged_frames WHERE ordinal IS NULL "
    "ORDER BY source_id, time "
    "ON CONFLICT (source_id, time) DO UPDATE SET vals = excluded.vals, doc = excluded.doc";

// Writers that merge into frames of the same sources take turns, by a few groups of sources rather
// than by row: a compressed row cannot be locked. In one order, so that they do not wait in a ring.
std::string take_turns(const std::vector<FrameGroup>& groups) {
  constexpr std::int64_t kTurns = 64;
  std::set<std::int64_t> turns;
  for (const auto& group : groups) turns.insert(group.source->id() % kTurns);
  return fmt::format(
      "; SELECT pg_advisory_xact_lock(hashtextextended('unity.frames:' || current_schema(), turn)) "
      "FROM unnest('{{{}}}'::bigint[]) AS turn",
      fmt::join(turns, ","));
}

}  // namespace

void append_frame(CopyData& rows, const Source& source, Time time, const Frame& frame) {
  rows.begin_row(4);
  rows.add(source.id());
  rows.add(time);
  append_numbers(rows.begin_value(), frame);
  rows.end_value();
  auto& bytes = rows.begin_value();
  bytes += '\1';  // the version of jsonb's binary form
  const auto empty = bytes.size();
  append_texts(bytes, frame, source);
  if (bytes.size() == empty) {
    rows.drop_value();
  } else {
    rows.end_value();
  }
}

Result<StoredFrames> Staging::find(Connection& connection, const std::vector<FrameGroup>& groups,
                                   std::string_view doing) {
  if (auto prepared = connection.execute(kPrepare + take_turns(groups), doing); !prepared) {
    return std::move(prepared).error();
  }
  keys_.clear();
  auto [first, last] =
      std::minmax_element(groups.begin(), groups.end(),
                          [](const FrameGroup& a, const FrameGroup& b) { return a.time < b.time; });
  for (std::size_t i = 0; i < groups.size(); ++i) {
    keys_.begin_row(4);
    keys_.add(groups[i].source->id());
    keys_.add(groups[i].time);
    append_numbers(keys_.begin_value(), Frame());
    keys_.end_value();
    keys_.add(static_cast<std::int32_t>(i));
  }
  if (auto copied = connection.copy_in(kStageKeys, keys_.finish(), doing); !copied) {
    return std::move(copied).error();
  }
  auto rows = connection.query(kFind, Parameters(first->time, last->time), doing);
  if (!rows) return std::move(rows).error();
  StoredFrames found;
  for (int i = 0; i < rows->size(); ++i) {
    const auto index = static_cast<std::size_t>(rows->integer(i, 0));
    auto frame = read_frame(rows->bytes(i, 1), rows->json(i, 2), *groups[index].source);
    if (!frame) return std::move(frame).error();
    found.emplace(index, std::move(*frame));
  }
  return found;
}

Result<void> Staging::replace(Connection& connection, CopyData& rows, std::string_view doing) {
  if (auto copied = connection.copy_in(kStage, rows.finish(), doing); !copied) return copied;
  return connection.execute(kReplace, doing);
}

}  // namespace unity::db::postgres
