#include "unity/core/json/row_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "unity/core/base/suggest.hpp"
#include "unity/core/base/text.hpp"
#include "unity/core/json/record_reader.hpp"
#include "unity/core/json/value.hpp"

namespace unity::json {
namespace {

struct Fault {
  std::string reason;
  std::string detail;
};

// Whole numbers beyond 2^53 may come as text, as JSON's readers elsewhere would round them.
std::optional<std::int64_t> whole(const Value& value) {
  if (const auto* text = value.string()) {
    std::int64_t number = 0;
    const auto end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return number;
  }
  if (!value.is_integer()) return std::nullopt;
  const auto number = value.integer();
  // What does not fit comes as 0.
  if (number == 0 && value.number() != 0) return std::nullopt;
  return number;
}

std::optional<Time> time_in(const Value& value) {
  if (const auto* text = value.string()) return parse_rfc3339(*text);
  const auto number = whole(value);
  if (!number) return std::nullopt;
  return Time(std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds(*number)));
}

class RowFiller {
 public:
  RowFiller(const DatasetSpec& dataset, const RowOptions& options)
      : dataset_(dataset), options_(options) {}

  std::optional<Fault> fill(const Value& row, ReadRow& out) {
    if (row.object() == nullptr) {
      return Fault{"unreadable", fmt::format("a row of {} must be a JSON object, not {}",
                                             dataset_.name, row.type_name())};
    }
    auto& record = out.record;
    record.metric = dataset_.name;
    record.is_row = true;
    record.time = options_.time;
    record.fields.clear();
    std::size_t known = 0;
    if (const auto* time = row.find(dataset_.time)) {
      ++known;
      if (auto fault = fill_time(*time, record)) return fault;
    }
    if (options_.names_device) {
      if (const auto* device = row.find("device")) {
        ++known;
        if (device->string() == nullptr || device->string()->empty()) {
          return Fault{"wrong type", "\"device\" must be the name of a machine"};
        }
        out.device = *device->string();
      }
    }
    for (const auto& column : dataset_.columns) {
      const auto* value = row.find(column.name);
      known += value != nullptr ? 1 : 0;
      if (value == nullptr || value->is_null()) {
        if (!column.nullable) {
          return Fault{"missing",
                       fmt::format("column \"{}\" of {} is required", column.name, dataset_.name)};
        }
        continue;
      }
      Field field;
      field.name = column.name;
      field.unit = to_text(column.form);
      if (auto fault = fill_value(*value, column, field.value)) return fault;
      record.fields.push_back(std::move(field));
    }
    if (known < row.object()->size()) return undeclared(row);
    return std::nullopt;
  }

 private:
  std::optional<Fault> fill_time(const Value& value, Record& record) const {
    if (dataset_.shape == DatasetShape::snapshot) {
      return Fault{"bad time",
                   fmt::format("the rows of the snapshot {} have the time of their run: "
                               "leave \"{}\" out",
                               dataset_.name, dataset_.time)};
    }
    const auto time = time_in(value);
    if (!time) {
      return Fault{"bad time",
                   fmt::format("\"{}\" is neither a time of RFC 3339 nor nanoseconds since "
                               "1970",
                               dataset_.time)};
    }
    record.time = *time;
    return std::nullopt;
  }

  Fault undeclared(const Value& row) const {
    std::vector<std::string> names{dataset_.time};
    for (const auto& column : dataset_.columns) names.push_back(column.name);
    for (const auto& [name, value] : *row.object()) {
      if (name == dataset_.time || dataset_.find(name) != nullptr) continue;
      if (options_.names_device && name == "device") continue;
      const auto near = nearest(name, names);
      return {"undeclared",
              fmt::format("{} has no column \"{}\"{}", dataset_.name, fit_text(name, 100),
                          near ? fmt::format("; did you mean \"{}\"?", *near) : "")};
    }
    return {"undeclared", "a member appears twice"};
  }

  static std::optional<Fault> fill_value(const Value& value, const DatasetColumn& column,
                                         FieldValue& into) {
    const auto wrong_type = [&] {
      return Fault{"wrong type", fmt::format("column \"{}\" is {}, and the value is {}",
                                             column.name, to_text(column.form), value.type_name())};
    };
    const auto out_of_range = [&](std::string_view what) {
      return Fault{"out of range", fmt::format("column \"{}\" is {}, and the value {}", column.name,
                                               to_text(column.form), what)};
    };
    switch (column.form.type) {
      case ColumnType::boolean:
        if (value.boolean() == nullptr) return wrong_type();
        into = *value.boolean();
        return std::nullopt;
      case ColumnType::i16:
      case ColumnType::i32:
      case ColumnType::i64: {
        const auto number = whole(value);
        if (!number) return value.is_integer() ? out_of_range("does not fit") : wrong_type();
        if (!fits(*number, column.form.type)) return out_of_range("does not fit");
        into = *number;
        return std::nullopt;
      }
      case ColumnType::f64:
        if (!value.is_number()) return wrong_type();
        into = value.number();
        return std::nullopt;
      case ColumnType::time: {
        const auto time = time_in(value);
        if (!time) return wrong_type();
        into = std::int64_t{time->time_since_epoch().count()};
        return std::nullopt;
      }
      case ColumnType::str:
      case ColumnType::text:
        if (value.string() == nullptr) return wrong_type();
        if (value.string()->find('\0') != std::string::npos) {
          return out_of_range("has a NUL, which not every database can keep");
        }
        if (column.form.type == ColumnType::str &&
            character_count(*value.string()) > static_cast<std::size_t>(column.form.length)) {
          return out_of_range(fmt::format("has {} characters", character_count(*value.string())));
        }
        into = *value.string();
        return std::nullopt;
      case ColumnType::json: {
        auto text = dump(value);
        if (text.find("\\u0000") != std::string::npos) {
          return out_of_range("has a NUL, which not every database can keep");
        }
        into = std::move(text);
        return std::nullopt;
      }
    }
    return wrong_type();
  }

  const DatasetSpec& dataset_;
  const RowOptions& options_;
};

class EmissionRows {
 public:
  EmissionRows(const DatasetSpec& dataset, const RowOptions& options,
               const std::function<void(ReadRow&&)>& each)
      : filler_(dataset, options), each_(each) {}

  void line(std::string_view text) {
    if (text.find_first_not_of(" \t\r") == text.npos) return;
    if (count_ == kRecordsMax) return refuse({"unreadable", kTooManyRecords}, std::string(text));
    if (text.size() > kRecordSizeMax) {
      return refuse({"unreadable", fmt::format("the row has {} bytes; at most {} are possible",
                                               text.size(), kRecordSizeMax)},
                    std::string(text.substr(0, 200)));
    }
    const auto row = parse(text);
    if (!row) return refuse({"unreadable", row.error().message}, std::string(text));
    take(*row);
  }

  void array(std::string_view text) {
    const auto rows = parse(text);
    if (!rows) return refuse({"unreadable", rows.error().message}, std::string(text));
    if (rows->array() == nullptr) {
      return refuse({"unreadable", "the rows must be a JSON array"}, std::string(text));
    }
    for (const auto& row : *rows->array()) {
      if (overflowed()) return;
      take(row);
    }
  }

  // More than are possible, which was said of the first that is too many.
  bool overflowed() const { return count_ > kRecordsMax; }

 private:
  void take(const Value& row) {
    if (count_ == kRecordsMax) return refuse({"unreadable", kTooManyRecords}, dump(row));
    ReadRow read;
    if (auto fault = filler_.fill(row, read)) {
      return refuse(std::move(*fault), dump(row));
    }
    ++count_;
    each_(std::move(read));
  }

  void refuse(Fault fault, std::string text) {
    ++count_;
    ReadRow read;
    read.reason = std::move(fault.reason);
    read.detail = std::move(fault.detail);
    read.text = std::move(text);
    each_(std::move(read));
  }

  RowFiller filler_;
  const std::function<void(ReadRow&&)>& each_;
  std::size_t count_ = 0;  // also of those that are refused
};

}  // namespace

void read_rows(const Emission& emission, const DatasetSpec& dataset, const RowOptions& options,
               const std::function<void(ReadRow&&)>& each) {
  EmissionRows rows(dataset, options, each);
  if (emission.format == Emission::Format::json_array) return rows.array(emission.text);
  std::string_view text = emission.text;
  while (!text.empty() && !rows.overflowed()) {
    const auto end = std::min(text.find('\n'), text.size());
    rows.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace unity::json
