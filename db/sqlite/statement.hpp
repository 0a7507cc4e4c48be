// A prepared statement. Bound texts are not copied: they must live until reset().
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "unity/core/base/time.hpp"

namespace unity::db {

// Bytes that are not text.
struct Blob {
  std::string_view bytes;
};

class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  // Resets, then binds all parameters in order. An empty optional is NULL.
  template <class... Values>
  Statement& bind(const Values&... values) {
    reset();
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }

  // One of them, the first being 1; for statements whose parameters nobody knows before.
  template <class Value>
  void set(int index, const Value& value) {
    bind_one(index, value);
  }

  // SQLITE_ROW, SQLITE_DONE or an error.
  int step() { return sqlite3_step(statement_.get()); }
  // Ends the query, which holds a lock until then.
  void reset() { sqlite3_reset(statement_.get()); }

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  Time time(int column) const { return Time(std::chrono::microseconds(integer(column))); }
  // Text or blob; empty for NULL. Valid until the next step() or reset().
  std::string_view text(int column) const;

 private:
  struct Finalise {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  void bind_one(int index, std::int64_t value);
  void bind_one(int index, int value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, double value);
  void bind_one(int index, bool value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, std::string_view value);
  void bind_one(int index, const std::string& value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, const char* value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, Blob value);
  void bind_one(int index, Time value) { bind_one(index, value.time_since_epoch().count()); }
  template <class T>
  void bind_one(int index, const std::optional<T>& value) {
    if (value) {
      bind_one(index, *value);
    } else {
      sqlite3_bind_null(statement_.get(), index);
    }
  }

  std::unique_ptr<sqlite3_stmt, Finalise> statement_;
};

}  // namespace unity::db
