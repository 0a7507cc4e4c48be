// The datasets of a database while they are changed: what is registered, what tables there are, and
// the ways in which both change. Under the lock of the schema, from begin() to commit().
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "datasets/evolve.hpp"
#include "datasets/registry.hpp"
#include "migrate/schema_session.hpp"
#include "schema/catalog.hpp"
#include "schema/change.hpp"

namespace unity::db {

class Registration {
 public:
  using Changes = std::vector<schema::Change>;
  using Statements = std::vector<std::string>;

  // `session` outlives it.
  explicit Registration(SchemaSession& session) : session_(session) {}

  Result<void> begin();
  Result<void> commit();

  SchemaSession& session() { return session_; }
  const std::vector<RegisteredDataset>& rows() const { return rows_; }
  const schema::Catalog& found() const { return found_; }
  // Looks again, after tables have changed.
  Result<void> inspect();

  // A table or a view has the name, or that of the dataset's table.
  bool is_taken(const std::string& name) const;

  // What brings the table and the view from `before`, or from nothing, to `layout`.
  Changes changes_to(const Layout& layout, const std::optional<Layout>& before) const;
  Statements statements_of(const Changes& changes) const;
  Result<void> execute(const Statements& statements);

  // Registers `row`, notes the decisions, makes the changes; `row` is told its state.
  Result<void> carry_out(RegisteredDataset& row, const std::optional<Layout>& before, int version,
                         const Changes& changes, const std::vector<DatasetDecision>& decisions);

  // What one dataset cannot have is taken back alone, and the others go on. Returns why it failed,
  // or nothing; an error if nothing can go on.
  template <class Act>
  Result<std::string> alone(Act act) {
    if (auto saved = savepoint("SAVEPOINT dataset"); !saved) return std::move(saved).error();
    const Result<void> done = act();
    if (!done && done.error().code == Errc::unavailable) return done.error();
    if (!done) {
      auto undone = savepoint("ROLLBACK TO SAVEPOINT dataset");
      if (!undone) return std::move(undone).error();
    }
    auto released = savepoint("RELEASE SAVEPOINT dataset");
    if (!released) return std::move(released).error();
    return done ? std::string() : done.error().message;
  }

  // `row` is what was there, with what was declared before: so it is tried again the next time. One
  // that is "planned" stays that, as its table may be anything.
  Result<void> keep_failure(RegisteredDataset row, const std::string& problem);

  Result<void> write(const RegisteredDataset& row);
  Result<void> note(const RegisteredDataset& row, const std::optional<Layout>& before, int version,
                    const DatasetDecision& decision, std::span<const std::string> statements);
  // In rows(): in the place of the one with its name, or at the end.
  void remember(RegisteredDataset row);

 private:
  // Where statements can be taken back.
  Result<void> savepoint(std::string_view statement);

  SchemaSession& session_;
  std::vector<RegisteredDataset> rows_;
  schema::Catalog found_;
};

}  // namespace unity::db
