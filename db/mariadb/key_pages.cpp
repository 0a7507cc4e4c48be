#include "mariadb/key_pages.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace unity::db::mariadb {
namespace {

constexpr std::size_t kBytesMax = std::size_t{4} << 20;
constexpr int kRowsMax = 4096;

bool is_number(Type type) {
  return type == Type::id || type == Type::i16 || type == Type::i32 || type == Type::i64 ||
         type == Type::time || type == Type::boolean;
}

// (a > ?) OR (a = ? AND b > ?): the server finds its way by this, and not by (a, b) > (?, ?).
std::string beyond(const schema::Names& key, const transfer::SqlForm& form) {
  std::string sql;
  for (std::size_t last = 0; last < key.size(); ++last) {
    sql += sql.empty() ? "(" : " OR (";
    for (std::size_t i = 0; i < last; ++i) {
      sql += fmt::format("{} = ? AND ", transfer::quoted(key[i], form));
    }
    sql += fmt::format("{} > ?)", transfer::quoted(key[last], form));
  }
  return sql;
}

}  // namespace

KeyPages::KeyPages(const transfer::Selection& selection, const transfer::SqlForm& form)
    : table_(selection.what.table) {
  for (const auto& name : table_.primary_key) {
    key_.push_back(table_.index_of(name));
  }
  const auto where = transfer::where(selection, form);
  const auto select =
      fmt::format("SELECT {} FROM {} FORCE INDEX (PRIMARY){}", transfer::column_list(table_, form),
                  transfer::quoted(table_.name, form), where);
  const auto order = transfer::order_by_key(table_, form) + " LIMIT ?";
  first_ = select + order;
  next_ = fmt::format("{} {} ({}){}", select, where.empty() ? "WHERE" : "AND",
                      beyond(table_.primary_key, form), order);
}

Parameters KeyPages::after(const Rows& rows, int row) const {
  Parameters parameters;
  const auto append = [&](std::size_t column) {
    const auto index = static_cast<int>(column);
    const auto type = table_.columns[column].type;
    if (is_number(type)) {
      parameters.append(rows.integer(row, index));
    } else if (type == Type::str || type == Type::text) {
      parameters.append(rows.bytes(row, index));
    } else {
      parameters.append(Bytes{rows.bytes(row, index)});
    }
  };
  for (std::size_t last = 0; last < key_.size(); ++last) {
    for (std::size_t i = 0; i <= last; ++i) append(key_[i]);
  }
  return parameters;
}

void PageSize::learn(std::size_t bytes) {
  if (bytes > kBytesMax) rows_ = std::max(1, rows_ / 4);
  if (bytes < kBytesMax / 4) rows_ = std::min(kRowsMax, rows_ * 2);
}

}  // namespace unity::db::mariadb
