// What a dataset that is declared asks of the table that is there: pure, and the same for every
// database. docs/datasets.md has the rules for people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/layout.hpp"

namespace unity::db {

// One line of dataset_changes.
struct DatasetDecision {
  std::string change;    // "create_table", "add_column", "widen_type", "change_type", …
  std::string decision;  // "applied", "refused", "deprecated", "reported"
  std::string reason;    // a sentence for people

  bool refused() const { return decision == "refused"; }
};

struct Evolution {
  Layout layout;                           // as it shall be; as it is if anything was refused
  std::vector<DatasetDecision> decisions;  // empty: nothing is new
  // Why the table stays as it is; empty if it does not.
  std::string problem;
};

// `now`: null if there is no table yet. `time`: of the declaration. All or nothing: one refusal
// leaves all as it is.
Evolution evolve(const Layout* now, const DatasetSpec& declared, Time time);

}  // namespace unity::db
