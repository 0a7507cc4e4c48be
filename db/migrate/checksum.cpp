#include "migrate/checksum.hpp"

#include <algorithm>

#include "migrate/columns.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db {
namespace {

// One line per thing, each text quoted: no two lists of operations serialise alike.
class Canonical {
 public:
  explicit Canonical(Dialect dialect) : dialect_(dialect) {}

  void operator()(const CreateTable& table) {
    line("table", {table.name, table.primary_key});
    for (const auto& column : table.columns) line_of(column);
    if (!table.partition_by.empty() && has_partitions(dialect_)) {
      line("partition", {table.partition_by});
    }
    for (const auto& unique : table.uniques) line("unique", {unique.name, unique.columns});
    for (const auto& key : table.foreign_keys) {
      line("foreign", {key.name, key.column, key.target_table, key.target_column, key.on_delete});
    }
    for (const auto& check : table.checks) {
      line("check", {check.name, normalise_sql(check.expression)});
    }
  }

  void operator()(const CreateIndex& index) {
    line("index", {index.name, index.table, index.columns});
  }

  void operator()(const CreateView& view) {
    line("view", {view.name, normalise_sql(body_for(view, dialect_))});
  }

  void operator()(const AddColumn& op) {
    line("add column", {op.table});
    line_of(op.column);
  }
  void operator()(const ChangeColumn& op) {
    line("change column", {op.table});
    line_of(op.column);
  }
  void operator()(const RenameColumn& op) { line("rename column", {op.table, op.from, op.to}); }
  void operator()(const DropColumn& op) { line("drop column", {op.table, op.column}); }
  void operator()(const AddUnique& op) {
    line("add unique", {op.table, op.unique.name, op.unique.columns});
  }
  void operator()(const AddForeignKey& op) {
    line("add foreign", {op.table, op.key.name, op.key.column, op.key.target_table,
                         op.key.target_column, op.key.on_delete});
  }
  void operator()(const AddCheck& op) {
    line("add check", {op.table, op.check.name, normalise_sql(op.check.expression)});
  }
  void operator()(const DropTable& op) { line("drop table", {op.name}); }
  void operator()(const DropIndex& op) { line("drop index", {op.name}); }
  void operator()(const DropView& op) { line("drop view", {op.name}); }

  const std::string& text() const { return text_; }

 private:
  void line_of(const Column& column) {
    line("column", {column.name, type_name(column.type), std::to_string(column.length),
                    column.nullable ? "null" : "not null", column.default_value});
  }

  // By name, not by number: new types may be put anywhere.
  static std::string_view type_name(Type type) {
    switch (type) {
      case Type::id:
        return "id";
      case Type::uuid:
        return "uuid";
      case Type::time:
        return "time";
      case Type::f64:
        return "f64";
      case Type::i16:
        return "i16";
      case Type::i32:
        return "i32";
      case Type::i64:
        return "i64";
      case Type::boolean:
        return "bool";
      case Type::json:
        return "json";
      case Type::str:
        return "str";
      case Type::text:
        return "text";
      case Type::bin:
        return "bin";
      case Type::hash:
        return "hash";
      case Type::numbers:
        return "numbers";
    }
    return {};
  }

  void line(std::string_view what, std::initializer_list<std::string_view> parts) {
    text_ += what;
    for (const auto part : parts) {
      text_ += ' ';
      json::append_quoted(text_, part);
    }
    text_ += '\n';
  }

  Dialect dialect_;
  std::string text_;
};

}  // namespace

Sha256 checksum(std::span<const Op> ops, Dialect dialect) {
  Canonical canonical(dialect);
  for (const auto& op : ops) std::visit(canonical, op);
  return sha256(canonical.text());
}

std::string normalise_sql(std::string_view sql) {
  std::string out;
  bool gap = false;
  for (std::size_t i = 0; i < sql.size();) {
    const auto rest = sql.substr(i);
    if (rest.starts_with("--")) {
      i += std::min(rest.find('\n'), rest.size());
      gap = true;
    } else if (rest.starts_with("/*")) {
      const auto end = rest.find("*/", 2);
      i += end == rest.npos ? rest.size() : end + 2;
      gap = true;
    } else if (std::string_view(" \t\r\n").find(rest[0]) != rest.npos) {
      ++i;
      gap = true;
    } else {
      // A quote doubled inside quotes closes and opens again, which copies it just the same.
      const bool quoted = rest[0] == '\'' || rest[0] == '"' || rest[0] == '`';
      const auto end = quoted ? rest.find(rest[0], 1) : 0;
      const auto length = end == rest.npos ? rest.size() : end + 1;
      if (gap && !out.empty()) out += ' ';
      out += rest.substr(0, length);
      i += length;
      gap = false;
    }
  }
  return out;
}

}  // namespace unity::db
