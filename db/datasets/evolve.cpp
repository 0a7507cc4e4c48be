#include "datasets/evolve.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace unity::db {
namespace {

bool is_integer(ColumnType type) {
  return type == ColumnType::i16 || type == ColumnType::i32 || type == ColumnType::i64;
}

// Whether values of the new type can stand beside those of the old one.
bool may_have_variant(const ColumnForm& from, const ColumnForm& to) {
  return to.type == ColumnType::json || (is_integer(from.type) && to.type == ColumnType::f64);
}

class Evolver {
 public:
  Evolver(const Layout& now, const DatasetSpec& declared, Time time)
      : now_(now), declared_(declared), time_(time), after_(now) {}

  Evolution evolve() {
    compare_shape();
    for (const auto& column : declared_.columns) compare(column);
    deprecate();
    if (declared_.version == now_.version && refused_.empty() && !decisions_.empty()) {
      refuse("same_version", "other columns were declared with this version before, so raise it");
    }
    after_.version = declared_.version;
    return finish();
  }

 private:
  void compare_shape() {
    if (now_.shape != declared_.shape) {
      refuse("change_shape", fmt::format("its shape is {} and cannot become {}",
                                         to_text(now_.shape), to_text(declared_.shape)));
    }
    if (now_.identity != declared_.identity) {
      refuse("change_identity",
             fmt::format("rows are told apart by ({}) and cannot be by ({})",
                         fmt::join(now_.identity, ", "), fmt::join(declared_.identity, ", ")));
    }
    if (now_.time != declared_.time) {
      refuse("change_identity", fmt::format("the column of the time is {} and cannot become {}",
                                            now_.time, declared_.time));
    }
  }

  void compare(const DatasetColumn& declared) {
    auto* column = after_.find(declared.name);
    if (column == nullptr) return add(declared);
    if (column->is_deprecated()) {
      column->deprecated_at.reset();
      apply("revive_column", fmt::format("column {} is declared again", declared.name));
    }
    column->unit = declared.unit;
    if (column->form != declared.form) change_type(declared, *column);
    change_null(declared, *after_.find(declared.name));
  }

  void add(const DatasetColumn& declared) {
    if (!declared_.contract.columns_evolve) {
      return refuse(
          "add_column",
          fmt::format("column {} is new, and the contract is `columns: freeze`", declared.name));
    }
    // Rows that are there have no value for it.
    after_.columns.push_back(
        {declared.name, declared.form, true, !declared.nullable, declared.unit, {}, {}});
    apply("add_column", fmt::format("column {} {} is new{}", declared.name, to_text(declared.form),
                                    declared.nullable ? "" : "; older rows have NULL in it"));
  }

  void change_type(const DatasetColumn& declared, LayoutColumn& column) {
    const auto change = fmt::format("column {} is {} and is declared as {}", declared.name,
                                    to_text(column.form), to_text(declared.form));
    for (const auto& other : after_.columns) {
      if (other.variant_of == declared.name && other.form == declared.form) return;
    }
    const bool may_widen = declared_.contract.data_type_evolve;
    if (is_wider(column.form, declared.form)) {
      if (!may_widen) {
        return refuse("widen_type", change + ", and the contract is `data_type: freeze`");
      }
      column.form = declared.form;
      return apply("widen_type", change);
    }
    if (is_wider(declared.form, column.form)) {
      return refuse("narrow_type", change + ", which is narrower");
    }
    const bool fits = may_have_variant(column.form, declared.form) &&
                      !after_.is_identity(declared.name) && may_widen;
    auto name = fmt::format("{}__{}", declared.name, to_text(declared.form));
    if (!fits || after_.find(name) != nullptr) {
      return refuse("change_type", change + ", which is another type");
    }
    apply("add_variant",
          fmt::format("{}: such values go to {}, and the view shows both", change, name));
    after_.columns.push_back(
        {std::move(name), declared.form, true, false, declared.unit, declared.name, {}});
  }

  void change_null(const DatasetColumn& declared, LayoutColumn& column) {
    if (column.required == !declared.nullable) return;
    if (!declared.nullable) {
      return refuse("set_not_null", fmt::format("column {} may be NULL and is declared as required",
                                                declared.name));
    }
    column.required = false;
    if (std::exchange(column.nullable, true)) return;
    apply("drop_not_null", fmt::format("column {} may be NULL", declared.name));
  }

  void deprecate() {
    for (auto& column : after_.columns) {
      if (column.is_deprecated() || !column.variant_of.empty() ||
          declared_.find(column.name) != nullptr) {
        continue;
      }
      if (after_.is_identity(column.name)) continue;  // refused above
      if (!column.nullable) {
        column.nullable = true;
        apply("drop_not_null", fmt::format("column {} is no longer filled", column.name));
      }
      column.deprecated_at = time_;
      decisions_.push_back({"deprecate_column", "deprecated",
                            fmt::format("column {} is no longer declared: it is kept and not "
                                        "written",
                                        column.name)});
    }
  }

  void apply(std::string change, std::string reason) {
    decisions_.push_back({std::move(change), "applied", std::move(reason)});
  }
  void refuse(std::string change, std::string reason) {
    refused_.push_back(reason);
    decisions_.push_back({std::move(change), "refused", std::move(reason)});
  }

  Evolution finish() {
    if (refused_.empty()) return {std::move(after_), std::move(decisions_), {}};
    std::erase_if(decisions_, [](const DatasetDecision& one) { return !one.refused(); });
    return {now_, std::move(decisions_),
            fmt::format("version {} cannot be applied: {}", declared_.version,
                        fmt::join(refused_, "; "))};
  }

  const Layout& now_;
  const DatasetSpec& declared_;
  const Time time_;
  Layout after_;
  std::vector<DatasetDecision> decisions_;
  std::vector<std::string> refused_;
};

}  // namespace

Evolution evolve(const Layout* now, const DatasetSpec& declared, Time time) {
  if (now == nullptr) {
    auto layout = layout_of(declared);
    auto reason = fmt::format("version {} with {} columns", layout.version, layout.columns.size());
    return {std::move(layout), {{"create_table", "applied", std::move(reason)}}, {}};
  }
  // An older version of the plugin: its rows fit into what the newer one has made.
  if (declared.version < now->version) return {*now, {}, {}};
  return Evolver(*now, declared, time).evolve();
}

}  // namespace unity::db
