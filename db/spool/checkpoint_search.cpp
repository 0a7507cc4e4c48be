#include "spool/checkpoint_search.hpp"

#include <map>
#include <utility>

namespace unity::db::spool {

void CheckpointSearch::see(std::size_t segment, const SegmentReader& reader) {
  const auto& header = reader.header();
  EntryHead head;
  if (header.codec != kCodec || !has_checkpoint(reader.payload()) ||
      !decoder_.begin(reader.payload(), head)) {
    return;
  }
  found_.push_back({segment, reader.begin() + kEntryHeaderSize, header.size, header.end().records,
                    std::string(head.instance)});
}

void CheckpointSearch::cut(std::size_t segment, std::uint64_t offset) {
  std::erase_if(found_, [&](const Found& found) {
    return found.segment == segment && found.begin >= offset;
  });
}

std::vector<Checkpoint> CheckpointSearch::take(const Shared& shared) {
  std::map<std::string, Checkpoint> newest;
  for (auto found = found_.rbegin(); found != found_.rend(); ++found) {
    if (newest.contains(found->instance)) continue;
    Checkpoint checkpoint{found->instance, {}, found->place};
    if (read(shared, *found, checkpoint.value)) newest.emplace(found->instance, checkpoint);
  }
  found_.clear();
  std::vector<Checkpoint> all;
  for (auto& [instance, checkpoint] : newest) all.push_back(std::move(checkpoint));
  return all;
}

bool CheckpointSearch::read(const Shared& shared, const Found& found, std::string& checkpoint) {
  const auto file =
      shared.fs.open(shared.path(shared.segments[found.segment].name), OpenMode::read);
  if (!file) return false;
  std::string payload(found.size, '\0');
  const auto got = read_fully(**file, payload, found.begin);
  EntryHead head;
  if (!got || *got != payload.size() || !decoder_.begin(payload, head)) return false;
  Record record;
  for (std::uint32_t i = 0; i < head.records; ++i) {
    if (!decoder_.next(record)) return false;
  }
  std::string_view found_text;
  if (!decoder_.finish(found_text) || found_text.empty()) return false;
  checkpoint = found_text;
  return true;
}

}  // namespace unity::db::spool
