// The documents' own schema (seeds 000 and 001: a row with JSON for each metric, its key and its
// indexes) in the server or the library of one of our databases: what the benchmarks compare with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/db/open.hpp"

namespace unity::test {

struct DocumentsRow {
  Time time;
  std::string plugin;
  std::string metric;
  std::string value;  // JSON
  std::string tags;   // JSON
};

// Puts questions; one thread. Throws what the database says.
class DocumentsClient {
 public:
  virtual ~DocumentsClient() = default;
  // How many rows it gave; each was taken over.
  virtual std::size_t ask(const std::string& sql) = 0;
};

class DocumentsDatabase {
 public:
  virtual ~DocumentsDatabase() = default;
  virtual void insert(const std::vector<DocumentsRow>& rows) = 0;
  // Whatever the database does by itself after a while: statistics, and visibility.
  virtual void settle() = 0;
  virtual std::unique_ptr<DocumentsClient> connect() = 0;
  virtual double bytes() = 0;

  // Of this database and of ours alike.
  virtual std::string time_literal(Time time) const = 0;
  virtual std::string number_of(const std::string& field) const = 0;  // in `value`
  virtual std::string text_of(const std::string& key) const = 0;      // in `tags`
  virtual std::string hour() const = 0;                               // of `time`
};

// One database beside another: ours and the documents', freshly made.
struct DatabasePair {
  db::DatabaseConfig ours;
  std::unique_ptr<DocumentsDatabase> documents;
  // What the tables of ours take, with their indexes; those that match `like`, or all.
  virtual double our_bytes(const std::string& like) = 0;
  virtual void settle() = 0;
  virtual ~DatabasePair() = default;
};
// With the servers' default sizes and durability.
std::unique_ptr<DatabasePair> make_postgres_pair();
std::unique_ptr<DatabasePair> make_mariadb_pair();
std::unique_ptr<DatabasePair> make_sqlite_pair();

}  // namespace unity::test
