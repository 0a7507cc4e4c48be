#include "sqlite/statement.hpp"

namespace unity::db {

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const auto size = sqlite3_column_bytes(statement_.get(), column);
  return {bytes != nullptr ? bytes : "", bytes != nullptr ? static_cast<std::size_t>(size) : 0};
}

void Statement::bind_one(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
}

void Statement::bind_one(int index, double value) {
  sqlite3_bind_double(statement_.get(), index, value);
}

void Statement::bind_one(int index, std::string_view value) {
  // A null pointer would bind NULL, which an empty text is not.
  sqlite3_bind_text(statement_.get(), index, value.empty() ? "" : value.data(),
                    static_cast<int>(value.size()), SQLITE_STATIC);
}

void Statement::bind_one(int index, Blob value) {
  sqlite3_bind_blob(statement_.get(), index, value.bytes.data(),
                    static_cast<int>(value.bytes.size()), SQLITE_STATIC);
}

}  // namespace unity::db
