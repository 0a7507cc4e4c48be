#include "datasets/standing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "unity/core/base/sha256.hpp"

namespace unity::db {

std::string hash_of(const DatasetSpec& spec) {
  const auto hash = sha256(to_json(spec));
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

DatasetState state_of(const RegisteredDataset& row) {
  return {row.layout.dataset, row.owner, row.layout.version, row.state, row.problem};
}

DatasetState owned_by_others(const RegisteredDataset& row, const DatasetSpec& spec) {
  return {
      spec.name, spec.owner, row.layout.version, std::string(kDatasetBlocked),
      fmt::format("the dataset {} belongs to {}, which declared it first", spec.name, row.owner)};
}

const RegisteredDataset* find_row(std::span<const RegisteredDataset> rows, std::string_view name) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [name](const auto& row) { return row.layout.dataset == name; });
  return found == rows.end() ? nullptr : &*found;
}

bool is_settled(const RegisteredDataset* row, const DatasetSpec& spec) {
  if (row == nullptr || row->state == kDatasetPlanned) return false;
  if (row->owner != spec.owner) return true;
  // An older version of the plugin changes nothing; see evolve().
  return row->spec_hash == hash_of(spec) || spec.version < row->layout.version;
}

bool was_changed(const RegisteredDataset& row) { return row.problem.starts_with(kSomebodyChanged); }

bool cannot_be_mended(const RegisteredDataset& row) {
  return row.problem.starts_with(kCannotBeMended);
}

Error no_dataset(std::string_view dataset, std::string_view place) {
  return {Errc::not_found, fmt::format("there is no dataset {} in {}; `unity dataset list` shows "
                                       "those that are",
                                       dataset, place)};
}

}  // namespace unity::db
