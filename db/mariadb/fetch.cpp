#include "mariadb/fetch.hpp"

#include <memory>

namespace unity::db::mariadb {
namespace {

enum class Form { integer, real, bytes };

// Where the library puts the value of a column. Of bytes, their length: they are asked for then.
struct Target {
  Form form = Form::bytes;
  std::int64_t bits = 0;
  unsigned long length = 0;
  my_bool is_null = 0;
};

Form form_of(enum_field_types type) {
  switch (type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
      return Form::integer;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
      return Form::real;
    default:
      return Form::bytes;
  }
}

bool bind_targets(MYSQL_STMT* statement, std::vector<Target>& targets) {
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> about(
      mysql_stmt_result_metadata(statement), &mysql_free_result);
  if (about == nullptr) return false;
  std::vector<MYSQL_BIND> binds;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    auto& target = targets[i];
    target.form = form_of(mysql_fetch_field_direct(about.get(), static_cast<unsigned>(i))->type);
    MYSQL_BIND bind{};
    bind.buffer_type = target.form == Form::integer ? MYSQL_TYPE_LONGLONG
                       : target.form == Form::real  ? MYSQL_TYPE_DOUBLE
                                                    : MYSQL_TYPE_BLOB;
    if (target.form != Form::bytes) bind.buffer = &target.bits;
    bind.length = &target.length;
    bind.is_null = &target.is_null;
    binds.push_back(bind);
  }
  return mysql_stmt_bind_result(statement, binds.data()) == 0;
}

bool copy_bytes(MYSQL_STMT* statement, unsigned column, const Target& target, Rows& rows) {
  MYSQL_BIND bind{};
  bind.buffer_type = MYSQL_TYPE_BLOB;
  bind.buffer_length = target.length;
  bind.buffer = rows.add_bytes(target.length);
  return target.length == 0 || mysql_stmt_fetch_column(statement, &bind, column, 0) == 0;
}

}  // namespace

std::optional<Rows> copy_rows(MYSQL_STMT* statement) {
  const auto columns = mysql_stmt_field_count(statement);
  Rows rows(static_cast<int>(columns), 0);
  std::vector<Target> targets(columns);
  if (!bind_targets(statement, targets)) return std::nullopt;
  while (true) {
    const int got = mysql_stmt_fetch(statement);
    if (got == MYSQL_NO_DATA) break;
    if (got != 0 && got != MYSQL_DATA_TRUNCATED) return std::nullopt;
    for (unsigned i = 0; i < columns; ++i) {
      if (targets[i].is_null != 0) {
        rows.add_null();
      } else if (targets[i].form != Form::bytes) {
        rows.add_number(targets[i].bits);
      } else if (!copy_bytes(statement, i, targets[i], rows)) {
        return std::nullopt;
      }
    }
  }
  mysql_stmt_free_result(statement);
  return rows;
}

}  // namespace unity::db::mariadb
