#include "delivery/open_batch.hpp"

#include <utility>

#include "base/wall_clock.hpp"
#include "unity/core/json/stored_record.hpp"

namespace unity::host {

void OpenBatch::begin() {
  open_ = true;
  rejected_.assign(batch_.records.size(), false);
  if (!batch_.records.empty()) parts_.push_back({0, batch_.records.size()});
}

std::span<const Record> OpenBatch::next() const {
  const auto& part = parts_.back();
  return std::span<const Record>(batch_.records).subspan(part.from, part.to - part.from);
}

OpenBatch::Part OpenBatch::take() {
  const auto part = parts_.back();
  parts_.pop_back();
  return part;
}

void OpenBatch::wrote(const std::vector<Rejection>& but) {
  const auto part = take();
  for (const auto& one : but) {
    const auto index = part.from + one.index;
    one.but_stored ? keep(index, one.reason, one.detail) : reject(index, one.reason, one.detail);
  }
}

void OpenBatch::split() {
  const auto part = take();
  const auto middle = part.from + (part.to - part.from) / 2;
  parts_.push_back({middle, part.to});
  parts_.push_back({part.from, middle});
}

void OpenBatch::reject(const std::string& detail) { reject(take().from, "unstorable", detail); }

void OpenBatch::reject(std::size_t index, std::string reason, std::string detail) {
  rejected_[index] = true;
  keep(index, std::move(reason), std::move(detail));
}

void OpenBatch::keep(std::size_t index, std::string reason, std::string detail) {
  const auto& record = batch_.records[index];
  // What the host says of itself is not worth a letter; a row of the operator's dataset is.
  if (record.host_made && !record.is_row) return;
  db::DeadLetter letter;
  letter.time = wall_now();
  letter.instance = record.origin->instance;
  letter.plugin = record.origin->plugin;
  letter.device = record.origin->device;
  letter.metric = record.metric;
  letter.stage = "storage:" + storage_;
  letter.reason = std::move(reason);
  letter.detail = std::move(detail);
  letter.payload = json::to_stored_json(record);
  letters_.push_back(std::move(letter));
}

void OpenBatch::book(Ledger& ledger, std::size_t storage, std::uint64_t backlog_end) const {
  for (std::size_t i = 0; i < batch_.records.size(); ++i) {
    const auto& record = batch_.records[i];
    if (record.host_made) continue;
    const bool backlog = batch_.first + i < backlog_end;
    const std::string_view instance = backlog ? kBacklog : record.origin->instance;
    rejected_[i] ? ledger.rejected(storage, instance, 1) : ledger.stored(storage, instance, 1);
  }
}

}  // namespace unity::host
