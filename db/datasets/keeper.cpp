#include "datasets/keeper.hpp"

#include "datasets/declare.hpp"
#include "datasets/mend.hpp"

namespace unity::db {
Result<std::vector<DatasetState>> DatasetKeeper::declare(std::span<const DatasetSpec> specs) {
  loaded_ = false;
  missing_.clear();
  broken_.clear();
  auto looked = look_();
  if (!looked) return std::move(looked).error();
  auto settled = settled_datasets(**looked, specs);
  if (!settled) return std::move(settled).error();
  if (*settled) return std::move(**settled);
  looked->reset();  // a reader would only hold up what follows
  auto session = open_();
  if (!session) return std::move(session).error();
  return declare_datasets(**session, specs);
}

Result<void> DatasetKeeper::mend() {
  loaded_ = false;
  auto session = open_();
  if (!session) return std::move(session).error();
  const auto findings = mend_datasets(**session);
  if (!findings) return findings.error();
  broken_.clear();
  for (const auto& [drift, mended] : *findings) {
    const bool takes_rows = mended || drift.kind != "missing" || drift.part.starts_with("index ") ||
                            !drift.table.starts_with(kDatasetTables);  // a view
    if (!takes_rows) {
      broken_.emplace(drift.table.substr(kDatasetTables.size()), schema::to_text(drift));
    }
  }
  return {};
}

const std::string* DatasetKeeper::why_broken(std::string_view dataset) const {
  const auto found = broken_.find(dataset);
  return found == broken_.end() ? nullptr : &found->second;
}

Result<void> DatasetKeeper::learn(std::span<const Record> batch) {
  const Name* last = nullptr;
  for (const auto& record : batch) {
    if (!record.is_row || (last != nullptr && *last == record.metric)) continue;
    last = &record.metric;
    const std::string_view name = record.metric;
    if (loaded_ && (known_.contains(name) || missing_.contains(name))) continue;
    if (auto read = load(); !read) return read;
    if (!known_.contains(name)) missing_.emplace(name, true);
  }
  return {};
}

Result<void> DatasetKeeper::load() {
  auto session = look_();
  if (!session) return std::move(session).error();
  auto rows = (*session)->datasets().read_datasets();
  if (!rows) return std::move(rows).error();
  known_.clear();
  ++generation_;
  for (auto& row : *rows) {
    auto name = row.layout.dataset;
    known_.emplace(std::move(name), std::move(row));
  }
  loaded_ = true;
  return {};
}

const RegisteredDataset* DatasetKeeper::find(std::string_view dataset) const {
  const auto found = known_.find(dataset);
  return found == known_.end() ? nullptr : &found->second;
}

}  // namespace unity::db
