#include "datasets/declare.hpp"

#include <fmt/format.h>

#include <set>

#include "base/now.hpp"
#include "datasets/drifts.hpp"
#include "datasets/evolve.hpp"
#include "datasets/mend.hpp"
#include "datasets/registration.hpp"
#include "datasets/standing.hpp"

namespace unity::db {
namespace {

DatasetState name_taken(const DatasetSpec& spec) {
  return {spec.name, spec.owner, 0, std::string(kDatasetBlocked),
          fmt::format("there is a table or a view {} or ds_{} already that is no dataset's; "
                      "rename it, or the dataset",
                      spec.name, spec.name)};
}

DatasetState blocked(const RegisteredDataset& row) {
  auto state = state_of(row);
  state.state = kDatasetBlocked;
  return state;
}

std::optional<std::int64_t> retention_of(const DatasetSpec& spec) {
  if (!spec.retention) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(*spec.retention).count();
}

// The dataset as it is registered, if it was, once `evolution` is carried out.
RegisteredDataset evolved(const RegisteredDataset* known, const DatasetSpec& spec,
                          const Evolution& evolution) {
  auto row = known != nullptr ? *known : RegisteredDataset();
  row.owner = spec.owner;
  row.layout = evolution.layout;
  row.problem = evolution.problem;
  row.spec_hash = hash_of(spec);
  row.retention_seconds = retention_of(spec);
  row.updated_at = now();
  if (known == nullptr) row.created_at = row.updated_at;
  return row;
}

Result<DatasetState> declare(Registration& registration, const DatasetSpec& spec) {
  const auto* known = find_row(registration.rows(), spec.name);
  if (known == nullptr && registration.is_taken(spec.name)) return name_taken(spec);
  if (known != nullptr) {
    if (known->owner != spec.owner) return owned_by_others(*known, spec);
    if (is_settled(known, spec) || was_changed(*known)) return state_of(*known);
    if (cannot_be_mended(*known)) return blocked(*known);  // what is there is not known
  }
  const auto before = known != nullptr ? std::optional(known->layout) : std::nullopt;
  const auto evolution = evolve(before ? &*before : nullptr, spec, now());
  auto row = evolved(known, spec, evolution);
  const auto changes = evolution.problem.empty() ? registration.changes_to(row.layout, before)
                                                 : Registration::Changes();
  const auto failed = registration.alone([&] {
    return registration.carry_out(row, before, spec.version, changes, evolution.decisions);
  });
  if (!failed) return failed.error();
  if (failed->empty()) {
    auto state = state_of(row);
    registration.remember(std::move(row));
    return state;
  }
  row.problem = fmt::format("version {} cannot be made: {}", spec.version, *failed);
  row.state = kDatasetBlocked;
  auto state = state_of(row);
  state.version = before ? before->version : 0;
  // Where each statement is final, it is "planned", and mended the next time.
  if (known != nullptr && registration.session().is_atomic()) {
    if (auto kept = registration.keep_failure(*known, row.problem); !kept) {
      return std::move(kept).error();
    }
  }
  return state;
}

}  // namespace

Result<std::optional<std::vector<DatasetState>>> settled_datasets(
    SchemaSession& session, std::span<const DatasetSpec> specs) {
  using None = std::optional<std::vector<DatasetState>>;
  const auto rows = session.datasets().read_datasets();
  if (!rows) return rows.error();
  const auto found = session.inspect();
  if (!found) return found.error();
  std::vector<DatasetState> states;
  for (const auto& spec : specs) {
    const auto* row = find_row(*rows, spec.name);
    if (!is_settled(row, spec)) return None();
    states.push_back(row->owner == spec.owner ? state_of(*row) : owned_by_others(*row, spec));
  }
  const auto drifts = find_dataset_drifts(session, *rows, *found);
  if (!drifts) return drifts.error();
  std::set<std::size_t> differing;
  for (const auto& drift : *drifts) {
    using Class = DatasetDrift::Class;
    if (drift.kind == Class::missing) return None();
    if (drift.kind == Class::differs) differing.insert(drift.dataset);
  }
  for (std::size_t i = 0; i < rows->size(); ++i) {  // noted already, or no longer so
    const auto& row = (*rows)[i];
    if (differing.contains(i) != was_changed(row) || cannot_be_mended(row)) return None();
  }
  return None(std::move(states));
}

Result<std::vector<DatasetState>> declare_datasets(SchemaSession& session,
                                                   std::span<const DatasetSpec> specs) {
  Registration registration(session);
  if (auto begun = registration.begin(); !begun) return std::move(begun).error();
  if (auto mended = mend_tables(registration); !mended) return std::move(mended).error();
  std::vector<DatasetState> states;
  for (const auto& spec : specs) {
    auto state = declare(registration, spec);
    if (!state) return std::move(state).error();
    states.push_back(std::move(*state));
  }
  if (auto committed = registration.commit(); !committed) return std::move(committed).error();
  return states;
}

}  // namespace unity::db
