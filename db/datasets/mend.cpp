#include "datasets/mend.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/now.hpp"
#include "datasets/drifts.hpp"
#include "datasets/standing.hpp"

namespace unity::db {
namespace {

// What of one dataset's table is not as it should be, and matters.
struct Damage {
  std::vector<const schema::Drift*> missing;
  std::vector<std::string> differing;
};

Damage damage_of(std::size_t dataset, const std::vector<DatasetDrift>& drifts) {
  Damage damage;
  for (const auto& one : drifts) {
    if (one.dataset != dataset) continue;
    using Class = DatasetDrift::Class;
    if (one.kind == Class::missing) damage.missing.push_back(&one.drift);
    if (one.kind == Class::differs) damage.differing.push_back(schema::to_text(one.drift));
  }
  return damage;
}

// What makes what is missing. Of a change that was cut off where each statement is final, the types
// that the table has are not known, so every column is told its own once more.
Registration::Changes changes_for(Registration& registration, RegisteredDataset& row,
                                  const Damage& damage) {
  const bool was_cut_off = row.state == kDatasetPlanned && !damage.differing.empty();
  if (damage.missing.empty() && !was_cut_off) return {};
  auto changes = mending_changes(row.layout, damage.missing, registration.found(),
                                 registration.session().dialect());
  if (!was_cut_off) return changes;
  const auto after = table_of(row.layout);
  auto before = after;
  for (auto& column : before.columns) {
    column.type = column.type == Type::text ? Type::i16 : Type::text;
    column.length = 0;
  }
  changes.insert(changes.end() - 1, schema::TableChange{before, after});
  return changes;
}

Result<void> mend(Registration& registration, RegisteredDataset& row, const Damage& damage) {
  const auto before = row;
  const bool was_planned = row.state == kDatasetPlanned;
  const auto statements = registration.statements_of(changes_for(registration, row, damage));
  if (auto done = registration.execute(statements); !done) return done;
  if (was_planned) {
    row.state = kDatasetApplied;
    row.problem.clear();
  }
  const auto note = [&](const DatasetDecision& decision, std::span<const std::string> told) {
    return registration.note(row, before.layout, row.layout.version, decision, told);
  };
  std::span<const std::string> untold = statements;
  for (const auto* drift : damage.missing) {
    if (auto done = note({"mend", "applied", schema::to_text(*drift)}, untold); !done) return done;
    untold = {};  // they are in the first one
  }
  if (!damage.differing.empty() && !was_planned) {
    auto problem = fmt::format("{}: {}", kSomebodyChanged, fmt::join(damage.differing, "; "));
    if (row.problem != problem) {
      row.problem = std::move(problem);
      row.state = kDatasetBlocked;
      if (auto done = note({"drift", "reported", row.problem}, {}); !done) return done;
    }
  } else if (was_changed(row) || cannot_be_mended(row)) {
    row.problem.clear();
    row.state = kDatasetApplied;
  }
  if (row.layout == before.layout && row.state == before.state && row.problem == before.problem) {
    return {};
  }
  row.updated_at = now();
  return registration.write(row);
}

}  // namespace

Result<std::vector<DatasetFinding>> mend_tables(Registration& registration) {
  const auto drifts =
      find_dataset_drifts(registration.session(), registration.rows(), registration.found());
  if (!drifts) return drifts.error();
  std::vector<DatasetFinding> findings;
  for (std::size_t i = 0; i < registration.rows().size(); ++i) {
    const auto before = registration.rows()[i];
    const auto damage = damage_of(i, *drifts);
    auto row = before;
    const auto failed = registration.alone([&] { return mend(registration, row, damage); });
    if (!failed) return failed.error();
    for (const auto& one : *drifts) {
      const bool is_missing = one.kind == DatasetDrift::Class::missing;
      if (one.dataset == i) findings.push_back({one.drift, is_missing && failed->empty()});
    }
    if (failed->empty()) {
      registration.remember(std::move(row));
      continue;
    }
    const auto problem = fmt::format("{}: {}", kCannotBeMended, *failed);
    if (before.problem == problem) continue;
    if (auto kept = registration.keep_failure(before, problem); !kept) {
      return std::move(kept).error();
    }
  }
  if (!findings.empty()) {
    if (auto looked = registration.inspect(); !looked) return std::move(looked).error();
  }
  return findings;
}

Result<std::vector<DatasetFinding>> mend_datasets(SchemaSession& session) {
  Registration registration(session);
  if (auto begun = registration.begin(); !begun) return std::move(begun).error();
  auto findings = mend_tables(registration);
  if (!findings) return findings;
  if (auto committed = registration.commit(); !committed) return std::move(committed).error();
  return findings;
}

Result<void> restore_datasets(SchemaSession& session) {
  Registration registration(session);
  if (auto begun = registration.begin(); !begun) return begun;
  const auto drifts = find_dataset_drifts(session, registration.rows(), registration.found());
  if (!drifts) return drifts.error();
  for (std::size_t i = 0; i < registration.rows().size(); ++i) {
    const auto damage = damage_of(i, *drifts);
    if (damage.missing.empty()) continue;
    auto layout = registration.rows()[i].layout;
    const auto changes =
        mending_changes(layout, damage.missing, registration.found(), session.dialect());
    auto done = registration.execute(registration.statements_of(changes));
    if (!done) return done;
  }
  return registration.commit();
}

}  // namespace unity::db
