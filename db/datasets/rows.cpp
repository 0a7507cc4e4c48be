#include "datasets/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/day.hpp"
#include "frames/merge.hpp"
#include "frames/text.hpp"
#include "unity/core/base/text.hpp"

namespace unity::db {
namespace {

// Whether a value that was declared as `declared` means the same in a column of `form`.
bool fits(const FieldValue& value, const ColumnForm& declared, const ColumnForm& form) {
  if (is_whole(form.type)) {
    const auto* number = std::get_if<std::int64_t>(&value);
    return is_whole(declared.type) && number != nullptr && unity::fits(*number, form.type);
  }
  switch (form.type) {
    case ColumnType::f64:
      return (declared.type == ColumnType::f64 || is_whole(declared.type)) && is_number(value);
    case ColumnType::str:
    case ColumnType::text: {
      const auto* text = std::get_if<std::string>(&value);
      const bool is_text = declared.type == ColumnType::str || declared.type == ColumnType::text;
      return is_text && text != nullptr &&
             (form.type == ColumnType::text ||
              character_count(*text) <= static_cast<std::size_t>(form.length));
    }
    case ColumnType::boolean:
      return declared.type == form.type && std::holds_alternative<bool>(value);
    case ColumnType::json:
      return declared.type == form.type && std::holds_alternative<std::string>(value);
    case ColumnType::time: {
      const auto* micros = std::get_if<std::int64_t>(&value);
      return declared.type == form.type && micros != nullptr &&
             is_storable(Time(std::chrono::microseconds(*micros)));
    }
    default:
      return false;
  }
}

void append_key(std::string& key, const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    key += fmt::format("{}:{}", text->size(), *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    key += fmt::format("{};", *number);
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    key += *flag ? 't' : 'f';
  }
}

// Fits one record to the layout of its dataset.
class RowFitter {
 public:
  RowFitter(const Record& record, std::size_t index, const RegisteredDataset& dataset)
      : record_(record), layout_(dataset.layout), dataset_(dataset) {
    rejection_.index = index;
  }

  // Nothing: the row cannot be stored, and rejection() says why.
  std::optional<DatasetRow> fit() {
    if (record_.origin == nullptr || !is_name(record_.origin->device, kDeviceLength)) {
      return refuse("invalid", "the device is no name of UTF-8");
    }
    // The host makes those of the operator's own datasets, and no others.
    const bool is_owners = dataset_.owner == kOperator
                               ? record_.host_made
                               : !record_.host_made && record_.origin->plugin == dataset_.owner;
    if (!is_owners) {
      return refuse("undeclared", fmt::format("the dataset {} belongs to {}, which declared it "
                                              "first",
                                              layout_.dataset, dataset_.owner));
    }
    if (!is_storable(record_.time)) return refuse("invalid", "the time is no time of a calendar");
    DatasetRow row{&record_, std::vector<const FieldValue*>(layout_.columns.size())};
    for (const auto& field : record_.fields) place(field, row);
    for (std::size_t i = 0; i < layout_.columns.size(); ++i) {
      const auto& column = layout_.columns[i];
      if (row.values[i] == nullptr && !column.nullable) {
        return refuse("missing", fmt::format("column {} of {} has no value{}", column.name,
                                             layout_.table(), details_));
      }
    }
    if (!details_.empty()) {
      rejection_.reason = "column";
      rejection_.detail = fmt::format(
          "{} has taken the row without{}{}", layout_.table(), details_,
          dataset_.problem.empty() ? std::string() : fmt::format(" ({})", dataset_.problem));
      rejection_.but_stored = true;
    }
    return row;
  }

  bool has_rejection() const { return !rejection_.reason.empty(); }
  Rejection take_rejection() { return std::move(rejection_); }

 private:
  std::optional<DatasetRow> refuse(std::string reason, std::string detail) {
    rejection_.reason = std::move(reason);
    rejection_.detail = std::move(detail);
    return std::nullopt;
  }

  void place(const Field& field, DatasetRow& row) {
    if (std::holds_alternative<std::monostate>(field.value)) return;
    const std::string_view name = field.name;
    const auto declared = parse_column_form(field.unit.text());
    bool known = false;
    for (std::size_t i = 0; i < layout_.columns.size(); ++i) {
      const auto& column = layout_.columns[i];
      if (column.name != name && column.variant_of != name) continue;
      known = true;
      if (!declared || !fits(field.value, *declared, column.form)) continue;
      // The column of its own type, where there is one.
      if (row.values[i] == nullptr) row.values[i] = &field.value;
      return;
    }
    details_ += fmt::format("{} {}: {}", details_.empty() ? ":" : ",", name,
                            known ? fmt::format("a value of {}", field.unit.text())
                                  : std::string("there is no such column"));
  }

  const Record& record_;
  const Layout& layout_;
  const RegisteredDataset& dataset_;
  Rejection rejection_;
  std::string details_;
};

std::string key_of(const DatasetRow& row, const Layout& layout) {
  std::string key = row.record->origin->device;
  key += fmt::format("\n{};", row.record->time.time_since_epoch().count());
  if (layout.shape == DatasetShape::event) key += fmt::format("{};", row.record->sequence);
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    if (layout.is_identity(layout.columns[i].name)) append_key(key, *row.values[i]);
  }
  return key;
}

}  // namespace

bool has_rows(std::span<const Record> batch) {
  return std::any_of(batch.begin(), batch.end(),
                     [](const Record& record) { return record.is_row; });
}

std::vector<DatasetRows> group_rows(std::span<const Record> batch, const DatasetKeeper& keeper,
                                    std::vector<Rejection>& rejections) {
  struct Table {
    DatasetRows rows;
    std::map<std::string, std::size_t> by_key;
  };
  std::map<std::string, Table, std::less<>> tables;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& record = batch[i];
    if (!record.is_row) continue;
    const auto* dataset = keeper.find(record.metric.text());
    if (dataset == nullptr) {
      rejections.push_back({i, "undeclared",
                            fmt::format("there is no dataset {} in this database; look at `unity "
                                        "dataset list`",
                                        record.metric.text())});
      continue;
    }
    if (const auto* why = keeper.why_broken(record.metric.text())) {
      rejections.push_back({i, "undeclared",
                            fmt::format("the dataset {} has no table that takes rows, and it "
                                        "cannot be made: {}",
                                        record.metric.text(), *why)});
      continue;
    }
    RowFitter fitter(record, i, *dataset);
    auto row = fitter.fit();
    if (fitter.has_rejection()) rejections.push_back(fitter.take_rejection());
    if (!row) continue;
    auto& table = tables[record.metric.text()];
    table.rows.layout = &dataset->layout;
    const auto [at, added] =
        table.by_key.try_emplace(key_of(*row, dataset->layout), table.rows.rows.size());
    if (added) {
      table.rows.rows.push_back(std::move(*row));
    } else {
      table.rows.rows[at->second] = std::move(*row);
    }
  }
  std::vector<DatasetRows> groups;
  for (auto& [name, table] : tables) {
    auto& group = groups.emplace_back(DatasetRows{table.rows.layout, {}});
    // In the order of the keys: writers of the same rows wait for each other, not in a ring.
    for (const auto& [key, at] : table.by_key) {
      group.rows.push_back(std::move(table.rows.rows[at]));
    }
  }
  return groups;
}

std::vector<WrittenColumn> written_columns(const DatasetRows& table) {
  const auto& layout = *table.layout;
  using Of = WrittenColumn::Of;
  std::vector<WrittenColumn> written{{Of::device, 0, "device_id", {ColumnType::i64}, true},
                                     {Of::time, 0, layout.time, {ColumnType::time}, true}};
  if (layout.shape == DatasetShape::event) {
    written.push_back({Of::sequence, 0, "seq", {ColumnType::i64}, true});
  }
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    const auto& column = layout.columns[i];
    // A host with an older version of the plugin still has values for it.
    const auto has_value = [i](const DatasetRow& row) { return row.values[i] != nullptr; };
    if (column.is_deprecated() && std::none_of(table.rows.begin(), table.rows.end(), has_value)) {
      continue;
    }
    written.push_back({Of::value, i, column.name, column.form, layout.is_identity(column.name)});
  }
  return written;
}

}  // namespace unity::db
