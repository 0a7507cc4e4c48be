#include "datasets/registration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/now.hpp"
#include "migrate/applied_by.hpp"
#include "migrate/writer.hpp"

namespace unity::db {
namespace {

constexpr std::string_view kDeclaring = "make the tables of datasets in";

}  // namespace

Result<void> Registration::begin() {
  if (auto begun = session_.begin(kDeclaring); !begun) return begun;
  auto rows = session_.datasets().read_datasets();
  if (!rows) return std::move(rows).error();
  rows_ = std::move(*rows);
  return inspect();
}

Result<void> Registration::commit() { return session_.commit(kDeclaring); }

Result<void> Registration::inspect() {
  auto found = session_.inspect();
  if (!found) return std::move(found).error();
  found_ = std::move(*found);
  return {};
}

bool Registration::is_taken(const std::string& name) const {
  return found_.tables.contains(name) || found_.views.contains(name) ||
         found_.tables.contains(std::string(kDatasetTables) + name);
}

Registration::Changes Registration::changes_to(const Layout& layout,
                                               const std::optional<Layout>& before) const {
  const auto dialect = session_.dialect();
  const auto table = table_of(layout);
  const auto view = view_of(layout, dialect);
  const std::vector indexes{time_index_of(layout)};
  if (!before) {
    return {schema::TableChange{std::nullopt, table, {}, indexes},
            schema::ViewChange{std::nullopt, view}};
  }
  const auto old_view = view_of(*before, dialect);
  const auto old_table = table_of(*before);
  Changes changes;
  if (old_table == table && old_view.select == view.select) return changes;
  if (found_.views.contains(old_view.name)) {
    changes.push_back(schema::ViewChange{old_view, std::nullopt});
  }
  if (old_table != table) changes.push_back(schema::TableChange{old_table, table, {}, indexes});
  changes.push_back(schema::ViewChange{std::nullopt, view});
  return changes;
}

Registration::Statements Registration::statements_of(const Changes& changes) const {
  const auto& writer = writer_for(session_.dialect());
  Statements all;
  for (const auto& change : changes) {
    for (auto& statement : writer.statements(change)) all.push_back(std::move(statement));
  }
  return all;
}

Result<void> Registration::execute(const Statements& statements) {
  for (const auto& statement : statements) {
    if (auto done = session_.execute(statement, kDeclaring); !done) return done;
  }
  return {};
}

// The row and its decisions are written first: where each statement is final, whoever finds
// "planned" knows that the table may be anything between the two.
Result<void> Registration::carry_out(RegisteredDataset& row, const std::optional<Layout>& before,
                                     int version, const Changes& changes,
                                     const std::vector<DatasetDecision>& decisions) {
  const std::string_view done = row.problem.empty() ? kDatasetApplied : kDatasetBlocked;
  const bool cannot_be_cut_off = changes.empty() || session_.is_atomic();
  row.state = cannot_be_cut_off ? done : kDatasetPlanned;
  if (auto written = write(row); !written) return written;
  const auto statements = statements_of(changes);
  std::span<const std::string> untold = statements;
  for (const auto& decision : decisions) {
    if (auto noted = note(row, before, version, decision, untold); !noted) return noted;
    untold = {};  // they are in the first one
  }
  if (auto executed = execute(statements); !executed) return executed;
  if (cannot_be_cut_off) return {};
  row.state = done;
  return write(row);
}

Result<void> Registration::keep_failure(RegisteredDataset row, const std::string& problem) {
  row.problem = problem;
  if (row.state != kDatasetPlanned) row.state = kDatasetBlocked;
  row.updated_at = now();
  if (auto written = write(row); !written) return written;
  remember(std::move(row));
  return {};
}

Result<void> Registration::write(const RegisteredDataset& row) {
  return session_.datasets().write_dataset(row);
}

Result<void> Registration::note(const RegisteredDataset& row, const std::optional<Layout>& before,
                                int version, const DatasetDecision& decision,
                                std::span<const std::string> statements) {
  DatasetChange change;
  change.dataset = row.layout.dataset;
  change.time = now();
  if (before) change.from_version = before->version;
  change.to_version = version;
  change.change = decision.change;
  change.decision = decision.decision;
  change.reason = decision.reason;
  for (const auto& statement : statements) change.sql += statement + ";\n";
  change.actor = applied_by();
  return session_.datasets().write_change(change);
}

void Registration::remember(RegisteredDataset row) {
  const auto same = std::find_if(rows_.begin(), rows_.end(), [&](const auto& one) {
    return one.layout.dataset == row.layout.dataset;
  });
  if (same != rows_.end()) {
    *same = std::move(row);
  } else {
    rows_.push_back(std::move(row));
  }
}

Result<void> Registration::savepoint(std::string_view statement) {
  if (!session_.is_atomic()) return {};
  return session_.execute(std::string(statement), kDeclaring);
}

}  // namespace unity::db
