// How a database writes what a schema consists of. What all of them write alike is here; a dialect
// overrides what it says in its own way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/change.hpp"

namespace unity::db {

class Writer {
 public:
  virtual ~Writer() = default;

  // Each text is one statement, without the semicolon.
  std::vector<std::string> statements(const schema::Change& change) const;

  // For scripts that the database's own client runs.
  virtual std::string bytes_literal(std::string_view hex) const = 0;
  virtual std::string_view current_time() const = 0;
  virtual std::string_view true_literal() const = 0;
  virtual std::string_view script_begin() const = 0;
  virtual std::string_view script_end() const = 0;

 protected:
  using Statements = std::vector<std::string>;

  virtual std::string create(const schema::Table& table) const = 0;
  // What a new table needs beside its definition.
  virtual Statements set_up(const schema::Table&) const { return {}; }
  virtual Statements alter(const schema::TableChange& change) const = 0;
  virtual std::string drop_index(const schema::Index& index) const;
  virtual Statements write(const schema::IndexChange& change) const;
  virtual std::string quote(std::string_view name) const;

  std::string create(const schema::Index& index) const;
  virtual std::string create(const schema::View& view) const;
  std::string quote_all(const schema::Names& names) const;
  std::string primary_key(const schema::Table& table) const;
  // "CONSTRAINT … UNIQUE (…)" and so on, in the order uniques, foreign keys, checks.
  Statements constraints(const schema::Table& table) const;
  // The constraints of `of` that `without` lacks, as constraints() writes them, or their names.
  Statements constraints_beyond(const schema::Table& of, const schema::Table& without) const;
  static schema::Names constraint_names_beyond(const schema::Table& of,
                                               const schema::Table& without);

 private:
  Statements write(const schema::TableChange& change) const;
  Statements write(const schema::ViewChange& change) const;
};

// The one that a partitioned table has on MariaDB when it is new.
inline constexpr std::string_view kMariadbFloorPartition = "p_floor";

const Writer& writer_for(Dialect dialect);
const Writer& mariadb_writer();
const Writer& postgresql_writer();
const Writer& sqlite_writer();
const Writer& timescaledb_writer();

}  // namespace unity::db
