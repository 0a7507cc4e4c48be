#include "migrate/lint.hpp"

#include <fmt/format.h>

#include "migrate/script.hpp"

namespace unity::db {
namespace {

using Class = LintFinding::Class;

class Linter {
 public:
  Linter(const Migration& migration, std::vector<LintFinding>& findings)
      : migration_(migration), findings_(findings) {}

  void operator()(const schema::TableChange& change) {
    const auto loss = schema::loss_of(change);
    if (!loss.empty()) add(Class::destructive, loss);
    if (!change.before || !change.after) return;
    for (const auto& [from, to] : change.renamed) {
      add(Class::backward_incompatible,
          fmt::format("renames the column {}.{} to {}", change.after->name, from, to));
    }
    for (const auto& column : change.after->columns) {
      const auto* origin = change.origin(column);
      if (origin == nullptr) {
        added(change.after->name, column);
      } else {
        changed(change.after->name, *origin, column);
      }
    }
    constraints(change);
  }
  void operator()(const schema::IndexChange&) {}
  void operator()(const schema::ViewChange& change) {
    if (!change.after) {
      add(Class::backward_incompatible, fmt::format("drops the view {}", change.before->name));
    }
  }

 private:
  void added(const std::string& table, const schema::Column& column) {
    if (column.nullable || !column.default_value.empty()) return;
    add(Class::backward_incompatible,
        fmt::format("adds the column {}.{}, which older versions do not fill", table, column.name));
  }

  void changed(const std::string& table, const schema::Column& from, const schema::Column& to) {
    if (from.nullable && !to.nullable) {
      add(Class::data_dependent, fmt::format("allows no NULL in {}.{} any more", table, to.name));
    }
    if (from.type != to.type) {
      add(Class::rewrites, fmt::format("changes the type of {}.{}", table, to.name));
    }
  }

  void constraints(const schema::TableChange& change) {
    const auto more = [](const auto& after, const auto& before) {
      return after.size() > before.size();
    };
    const auto& name = change.after->name;
    if (more(change.after->uniques, change.before->uniques)) {
      add(Class::data_dependent, fmt::format("adds a unique key to {}", name));
    }
    if (more(change.after->foreign_keys, change.before->foreign_keys)) {
      add(Class::data_dependent, fmt::format("adds a foreign key to {}", name));
    }
    if (more(change.after->checks, change.before->checks)) {
      add(Class::data_dependent, fmt::format("adds a check to {}", name));
    }
  }

  void add(Class what, std::string text) {
    const bool is_harmless = what == Class::data_dependent || what == Class::rewrites;
    findings_.push_back(
        {migration_.seq, what, std::move(text), is_harmless || migration_.breaking});
  }

  const Migration& migration_;
  std::vector<LintFinding>& findings_;
};

}  // namespace

std::string_view to_text(Class what) {
  switch (what) {
    case Class::destructive:
      return "destructive";
    case Class::backward_incompatible:
      return "backward-incompatible";
    case Class::data_dependent:
      return "data-dependent";
    case Class::rewrites:
      return "rewrites";
  }
  return {};
}

std::vector<LintFinding> lint(Migrations migrations, Dialect dialect) {
  std::vector<LintFinding> findings;
  for (const auto& migration : migrations) {
    Linter linter(migration, findings);
    for (const auto& step : upgrade_steps(migrations, migration.seq, dialect)) {
      std::visit(linter, step.change);
    }
  }
  return findings;
}

}  // namespace unity::db
