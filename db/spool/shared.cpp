#include "spool/shared.hpp"

#include <algorithm>

#include "spool/quarantine.hpp"

namespace unity::db::spool {
namespace {

SpoolPosition operator-(const SpoolPosition& a, const SpoolPosition& b) {
  return {a.records - b.records, a.emitted - b.emitted};
}
// What all consumers that count have acknowledged. Under the mutex.
SpoolPosition passed_by_all(const Shared& shared) {
  const auto& all = shared.standings;
  const bool some_required =
      std::any_of(all.begin(), all.end(), [](const auto& one) { return one->required; });
  SpoolPosition passed;
  bool first = true;
  for (const auto& one : all) {
    if (some_required && !one->required) continue;
    if (first || one->acked.records < passed.records) passed = one->acked;
    first = false;
  }
  return passed;
}

// Unlinks the oldest segment and forgets it. Under `deleting`.
Result<void> delete_front(Shared& shared) {
  SegmentName name;
  {
    const std::lock_guard lock(shared.mutex);
    name = shared.segments.front().name;
  }
  const auto gone = shared.fs.unlink(shared.path(name));
  if (!gone && gone.error().code != Errc::not_found) return gone.error();
  const std::lock_guard lock(shared.mutex);
  shared.bytes -= shared.segments.front().bytes;
  shared.segments.pop_front();
  std::erase_if(shared.holes, [&](const auto& hole) { return hole.first <= name; });
  return {};
}

}  // namespace

void Standing::lose(const SpoolPosition& to, const char* reason) {
  if (to.records <= position.records) return;
  // Damage may have hit what is told of emitted records; never count backwards.
  const SpoolPosition upto{to.records, std::max(to.emitted, position.emitted)};
  auto gone = upto - position;
  // What was known to be lost before a rewind is not lost twice; neighbours become one.
  Loss whole{position, upto};
  std::erase_if(losses, [&](const Loss& known) {
    if (known.end.records < whole.begin.records || known.begin.records > whole.end.records) {
      return false;
    }
    const auto& from = known.begin.records > position.records ? known.begin : position;
    const auto& to_here = known.end.records < upto.records ? known.end : upto;
    if (to_here.records > from.records) gone = gone - (to_here - from);
    if (known.begin.records < whole.begin.records) whole.begin = known.begin;
    if (known.end.records > whole.end.records) whole.end = known.end;
    return true;
  });
  losses.insert(
      std::find_if(losses.begin(), losses.end(),
                   [&](const Loss& known) { return known.begin.records > whole.begin.records; }),
      whole);
  position = upto;
  if (gone.records == 0) return;
  const auto same = std::find_if(by_reason.begin(), by_reason.end(),
                                 [&](const SpoolLoss& loss) { return loss.reason == reason; });
  if (same == by_reason.end()) {
    by_reason.push_back({gone.records, gone.emitted, reason});
  } else {
    same->records += gone.records;
    same->emitted += gone.emitted;
  }
}

void Standing::settle(const SpoolPosition& upto) {
  settled = upto;
  while (!losses.empty() && losses.front().end.records <= settled.records) losses.pop_front();
}

SpoolPosition Standing::waiting(const SpoolPosition& end) const {
  auto left = end - settled;
  for (const auto& loss : losses) {
    const auto& begin = loss.begin.records < settled.records ? settled : loss.begin;
    left = left - (loss.end - begin);
  }
  return left;
}

Result<void> delete_passed(Shared& shared) {
  const std::lock_guard deleting(shared.deleting);
  bool deleted = false;
  while (true) {
    SpoolPosition end;
    {
      const std::lock_guard lock(shared.mutex);
      if (shared.segments.empty() || !shared.segments.front().sealed) break;
      end = shared.end_of(0);
      if (shared.standings.empty() || passed_by_all(shared).records < end.records) break;
    }
    // First the cursors, then the segment: a power cut between must not leave a cursor before what
    // is gone.
    for (std::size_t i = 0; i < shared.cursors.size(); ++i) {
      {
        const std::lock_guard lock(shared.mutex);
        auto& one = *shared.standings[i];
        if (one.acked.records < end.records) {
          if (one.position.records < end.records) {
            one.lose(end, kLossLagging);
            ++one.jumps;
          }
          continue;
        }
      }
      const auto durable = shared.cursors[i]->ensure_durable(end);
      if (!durable) return durable.error();
    }
    const auto gone = delete_front(shared);
    if (!gone) return gone.error();
    deleted = true;
  }
  return deleted ? shared.fs.sync_folder(shared.config.folder) : Result<void>();
}

Result<bool> drop_oldest(Shared& shared) {
  const std::lock_guard deleting(shared.deleting);
  {
    const std::lock_guard lock(shared.mutex);
    if (shared.segments.empty() || !shared.segments.front().sealed) return false;
  }
  const auto end = [&] {
    const std::lock_guard lock(shared.mutex);
    return shared.end_of(0);
  }();
  const auto gone = delete_front(shared);
  if (!gone) return gone.error();
  const std::lock_guard lock(shared.mutex);
  for (auto& one : shared.standings) {
    if (one->position.records >= end.records) continue;
    one->lose(end, kLossFull);
    ++one->jumps;
  }
  return true;
}

void keep_hole(Shared& shared, const Segment& segment, const File& file, std::uint64_t begin,
               std::uint64_t end) {
  {
    const std::lock_guard lock(shared.mutex);
    if (!shared.holes.insert({segment.name, begin}).second) return;
    ++shared.holes_met;
  }
  quarantine(shared.fs, shared.config.folder, segment.name, file, begin, end);
}

}  // namespace unity::db::spool
