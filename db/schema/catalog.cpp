#include "schema/catalog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace unity::db::schema {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// What stays of a condition however a database rewrites it: the columns that it names, and its
// constants in their order.
struct Gist {
  std::set<std::string> columns;
  std::string constants;
  auto operator<=>(const Gist&) const = default;
};

Gist gist_of(std::string_view expression, const CatalogTable& table) {
  Gist gist;
  for (std::size_t i = 0; i < expression.size();) {
    const char c = expression[i];
    auto end = i + 1;
    if (c == '\'') {
      end = std::min(expression.find('\'', end), expression.size() - 1) + 1;
      gist.constants += fmt::format(" {}", expression.substr(i, end - i));
    } else if (is_word(c)) {
      while (end < expression.size() && (is_word(expression[end]) || expression[end] == '.')) ++end;
      const auto word = expression.substr(i, end - i);
      if (std::isdigit(static_cast<unsigned char>(c)) != 0)
        gist.constants += fmt::format(" {}", word);
      const auto is_it = [word](const CatalogColumn& column) { return column.name == word; };
      if (std::any_of(table.columns.begin(), table.columns.end(), is_it))
        gist.columns.emplace(word);
    }
    i = end;
  }
  return gist;
}

class Comparison {
 public:
  std::vector<Drift> take() { return std::move(drifts_); }

  void tables(const Catalog& wanted, const Catalog& found) {
    for (const auto& [name, table] : wanted.tables) {
      name_ = name;
      const auto other = found.tables.find(name);
      if (other == found.tables.end()) {
        add({}, "missing", "a table", {});
      } else {
        compare(table, other->second);
      }
    }
    for (const auto& [name, table] : found.tables) {
      name_ = name;
      if (!wanted.tables.contains(name)) add({}, "unexpected", {}, "a table");
    }
  }

  void views(const Catalog& wanted, const Catalog& found) {
    for (const auto& name : wanted.views) {
      name_ = name;
      if (!found.views.contains(name)) add({}, "missing", "a view", {});
    }
    for (const auto& name : found.views) {
      name_ = name;
      if (!wanted.views.contains(name)) add({}, "unexpected", {}, "a view");
    }
  }

 private:
  void compare(const CatalogTable& wanted, const CatalogTable& found) {
    for (const auto& column : wanted.columns) {
      const auto* other = find(found, column.name);
      if (other == nullptr) {
        add("column " + column.name, "missing", column.type, {});
      } else {
        compare(column, *other);
      }
    }
    for (const auto& column : found.columns) {
      if (find(wanted, column.name) == nullptr) {
        add("column " + column.name, "unexpected", {}, column.type);
      }
    }
    if (wanted.primary_key != found.primary_key) {
      add("primary key", "different", wanted.primary_key, found.primary_key);
    }
    if (wanted.partition_by != found.partition_by) {
      add("partitions", "different", wanted.partition_by, found.partition_by);
    }
    sets("unique", wanted.uniques, found.uniques);
    sets("foreign key", wanted.foreign_keys, found.foreign_keys);
    // Of a column that is missing nothing else is said.
    sets("check", gists(wanted.checks, wanted, found), gists(found.checks, wanted, found));
    indexes(wanted, found);
  }

  void compare(const CatalogColumn& wanted, const CatalogColumn& found) {
    const auto part = "column " + wanted.name;
    if (wanted.type != found.type) add(part, "type", wanted.type, found.type);
    if (wanted.nullable != found.nullable) {
      add(part, "nullability", wanted.nullable ? "NULL" : "NOT NULL",
          found.nullable ? "NULL" : "NOT NULL");
    }
    if (wanted.default_value != found.default_value) {
      add(part, "default", wanted.default_value, found.default_value);
    }
  }

  void sets(const std::string& what, const std::set<std::string>& wanted,
            const std::set<std::string>& found) {
    for (const auto& one : wanted) {
      if (!found.contains(one)) add(fmt::format("{} ({})", what, one), "missing", one, {});
    }
    for (const auto& one : found) {
      if (!wanted.contains(one)) add(fmt::format("{} ({})", what, one), "unexpected", {}, one);
    }
  }

  void indexes(const CatalogTable& wanted, const CatalogTable& found) {
    for (const auto& [name, columns] : wanted.indexes) {
      const auto other = found.indexes.find(name);
      if (other == found.indexes.end()) {
        add("index " + name, "missing", columns, {});
      } else if (other->second != columns) {
        add("index " + name, "different", columns, other->second);
      }
    }
    for (const auto& [name, columns] : found.indexes) {
      if (!wanted.indexes.contains(name)) add("index " + name, "unexpected", {}, columns);
    }
  }

  static std::set<std::string> gists(const std::vector<std::string>& checks,
                                     const CatalogTable& wanted, const CatalogTable& found) {
    std::set<std::string> all;
    for (const auto& check : checks) {
      const auto gist = gist_of(check, wanted);
      const bool is_there =
          std::all_of(gist.columns.begin(), gist.columns.end(),
                      [&](const std::string& name) { return find(found, name) != nullptr; });
      if (is_there) {
        all.insert(fmt::format("{}:{}", fmt::join(gist.columns, ", "), gist.constants));
      }
    }
    return all;
  }

  static const CatalogColumn* find(const CatalogTable& table, std::string_view name) {
    const auto found =
        std::find_if(table.columns.begin(), table.columns.end(),
                     [name](const CatalogColumn& column) { return column.name == name; });
    return found == table.columns.end() ? nullptr : &*found;
  }

  void add(std::string part, std::string kind, std::string wanted, std::string found) {
    drifts_.push_back(
        {name_, std::move(part), std::move(kind), std::move(wanted), std::move(found)});
  }

  std::string name_;
  std::vector<Drift> drifts_;
};

}  // namespace

std::vector<Drift> compare(const Catalog& wanted, const Catalog& found) {
  Comparison comparison;
  comparison.tables(wanted, found);
  comparison.views(wanted, found);
  return comparison.take();
}

std::string to_text(const Drift& drift) {
  const auto subject =
      drift.part.empty() ? drift.table : fmt::format("{} of {}", drift.part, drift.table);
  if (drift.kind == "orphan") return fmt::format("table {} belongs to no dataset", drift.table);
  if (drift.kind == "missing" || drift.kind == "unexpected") {
    return fmt::format("{} is {}", subject, drift.kind);
  }
  return fmt::format("{}: its {} is {} where {} is wanted", subject,
                     drift.kind == "different" ? "definition" : drift.kind,
                     drift.found.empty() ? "none" : drift.found,
                     drift.wanted.empty() ? "none" : drift.wanted);
}

std::string join(const Names& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::string describe(const ForeignKey& key) {
  return fmt::format("{} -> {} ({}) ON DELETE {}", key.column, key.target_table, key.target_column,
                     key.on_delete);
}

}  // namespace unity::db::schema
