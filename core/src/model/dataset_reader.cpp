// The grammar of datasets. docs/datasets.md shows it to people.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "sql_words.hpp"
#include "unity/core/base/suggest.hpp"
#include "unity/core/model/dataset.hpp"

namespace unity {
namespace {

using json::Value;

// Columns that a table or its view has in any case.
constexpr std::array<std::string_view, 4> kHostColumns{"device", "device_id", "seq", "time_us"};

class DatasetReader {
 public:
  DatasetReader(const Value& value, bool may_have_source, std::vector<DatasetProblem>& problems)
      : root_(value), may_have_source_(may_have_source), problems_(problems) {}

  DatasetSpec read() {
    if (root_.object() == nullptr) {
      complain("", "a dataset must be an object with `name` and `columns`");
      return {};
    }
    std::vector<std::string> known{"name",     "version", "description", "shape",     "time",
                                   "identity", "key",     "columns",     "retention", "contract"};
    if (may_have_source_) known.push_back("from");
    only(root_, "", known);
    spec_.name = text(root_, "", "name", true);
    check_name(spec_.name, "/name");
    if (spec_.name == "metrics") complain("/name", "\"metrics\" is the host's own dataset");
    read_version();
    spec_.description = text(root_, "", "description", false);
    read_shape();
    if (root_.find("time") != nullptr) spec_.time = text(root_, "", "time", true);
    if (spec_.time != "time") check_column_name(spec_.time, "/time");
    if (may_have_source_) read_source();
    read_columns();
    read_identity();
    read_retention();
    read_contract();
    return std::move(spec_);
  }

 private:
  void complain(std::string pointer, std::string message) {
    problems_.push_back({std::move(pointer), std::move(message)});
  }

  std::string text(const Value& object, const std::string& at, std::string_view name, bool needed) {
    const auto* member = object.find(name);
    if (member == nullptr) {
      if (needed) complain(at, fmt::format("\"{}\" is missing", name));
      return {};
    }
    if (member->string() == nullptr || member->string()->empty() ||
        member->string()->size() > 4096) {
      complain(fmt::format("{}/{}", at, name),
               fmt::format("\"{}\" must be text of 1..4096 bytes", name));
      return {};
    }
    return *member->string();
  }

  void only(const Value& object, const std::string& at, const std::vector<std::string>& known) {
    for (const auto& [name, value] : *object.object()) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const auto near = nearest(name, known);
      complain(fmt::format("{}/{}", at, name),
               fmt::format("unknown member \"{}\"{}", name,
                           near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
    }
  }

  void check_name(const std::string& name, const std::string& at) {
    if (name.empty()) return;
    const auto is_plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (name.size() > kDatasetNameMax || name[0] < 'a' || name[0] > 'z' ||
        !std::all_of(name.begin(), name.end(), is_plain)) {
      complain(at, fmt::format("\"{}\" is no name: a small letter and then at most {} small "
                               "letters, digits and '_'",
                               name.substr(0, 80), kDatasetNameMax - 1));
    } else if (is_sql_word(name)) {
      complain(at, fmt::format("\"{}\" is a word of SQL, which no table or column may have as its "
                               "name",
                               name));
    }
  }

  void check_column_name(const std::string& name, const std::string& at) {
    check_name(name, at);
    if (std::find(kHostColumns.begin(), kHostColumns.end(), name) != kHostColumns.end()) {
      complain(at, fmt::format("every table has a column \"{}\" of the host's", name));
    }
    if (name.find("__") != name.npos) {
      complain(at, fmt::format("\"{}\": names with \"__\" are the host's, for columns whose type "
                               "has changed",
                               name));
    }
  }

  void read_version() {
    const auto* version = root_.find("version");
    if (version == nullptr) return;
    const auto number = version->integer();
    if (!version->is_integer() || number < 1 || number > std::numeric_limits<int>::max()) {
      return complain("/version", "\"version\" must be a whole number from 1 on");
    }
    spec_.version = static_cast<int>(number);
  }

  void read_shape() {
    const auto shape = root_.find("shape") != nullptr ? text(root_, "", "shape", true) : "";
    if (shape.empty()) return;
    for (const auto one : {DatasetShape::timeseries, DatasetShape::snapshot, DatasetShape::event}) {
      if (shape != to_text(one)) continue;
      spec_.shape = one;
      return;
    }
    complain("/shape", fmt::format("shape \"{}\" is none of timeseries, snapshot, event", shape));
  }

  void read_source() {
    const auto* from = root_.find("from");
    if (from == nullptr) {
      return complain("",
                      "\"from\" is missing: the metric whose records fill the dataset, such as "
                      "{metric: load}");
    }
    if (from->object() == nullptr) return complain("/from", "\"from\" must be an object");
    only(*from, "/from", {"metric", "instance", "where", "window"});
    DatasetSource source;
    source.metric = text(*from, "/from", "metric", true);
    source.instance = text(*from, "/from", "instance", false);
    source.where = text(*from, "/from", "where", false);
    if (const auto window = duration(*from, "/from", "window")) source.window = *window;
    spec_.source = std::move(source);
  }

  std::optional<Duration> duration(const Value& object, const std::string& at,
                                   std::string_view name) {
    const auto* member = object.find(name);
    if (member == nullptr) return std::nullopt;
    const auto parsed =
        member->string() != nullptr ? parse_duration(*member->string()) : std::nullopt;
    if (!parsed || *parsed < std::chrono::seconds(1)) {
      complain(fmt::format("{}/{}", at, name),
               fmt::format("\"{}\" must be a duration of a second or more, such as \"30d\"", name));
      return std::nullopt;
    }
    return parsed;
  }

  // A list of objects with a name, or one object by name.
  void read_columns() {
    const auto* columns = root_.find("columns");
    if (columns == nullptr) return complain("", "\"columns\" is missing");
    if (const auto* list = columns->array()) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        const auto at = fmt::format("/columns/{}", i);
        if ((*list)[i].object() == nullptr) {
          complain(at, "a column must be an object with `name` and `type`");
          continue;
        }
        read_column((*list)[i], at, text((*list)[i], at, "name", true), true);
      }
    } else if (const auto* by_name = columns->object()) {
      for (const auto& [name, column] : *by_name) {
        const auto at = "/columns/" + name;
        if (column.object() == nullptr) {
          complain(at, "a column must be an object with `type`");
          continue;
        }
        read_column(column, at, name, false);
      }
    } else {
      complain("/columns", "\"columns\" must be a list, or an object by name");
    }
    if (columns_ > kDatasetColumnsMax) {
      complain("/columns",
               fmt::format("{} columns; at most {} are possible", columns_, kDatasetColumnsMax));
    }
    if (spec_.columns.empty() && columns_ == 0) complain("/columns", "there is no column");
  }

  void read_column(const Value& value, const std::string& at, std::string name, bool listed) {
    ++columns_;
    std::vector<std::string> known{"type", "unit", "metric", "nullable", "max_len", "description"};
    if (listed) known.push_back("name");
    if (may_have_source_) known.push_back("value");
    only(value, at, known);
    DatasetColumn column;
    column.name = std::move(name);
    column.form = read_form(value, at);
    if (column.name == spec_.time) {  // said once more, as some like to list it
      if (column.form.type != ColumnType::time) {
        complain(at, fmt::format("\"{}\" is the column of the time and must be of type time",
                                 column.name));
      }
      return;
    }
    check_column_name(column.name, at);
    if (!column.name.empty() && !seen_.insert(column.name).second) {
      complain(at, fmt::format("column \"{}\" appears twice", column.name));
    }
    column.unit = text(value, at, "unit", false);
    if (column.unit.size() > 32) complain(at + "/unit", "a unit has at most 32 bytes");
    if (const auto* nullable = value.find("nullable")) {
      if (nullable->boolean() == nullptr) {
        complain(at + "/nullable", "\"nullable\" must be true or false");
      } else {
        column.nullable = *nullable->boolean();
      }
    }
    read_metric(value, at, column);
    if (may_have_source_) column.value = text(value, at, "value", true);
    spec_.columns.push_back(std::move(column));
  }

  ColumnForm read_form(const Value& value, const std::string& at) {
    const auto type = text(value, at, "type", true);
    if (type.empty()) return {};
    auto form = parse_column_form(type);
    if (!form) {
      complain(at + "/type", fmt::format("type \"{}\" is none of bool, i16, i32, i64, f64, str1 to "
                                         "str4096, text, json, time",
                                         type));
      return {};
    }
    if (const auto* length = value.find("max_len")) {
      const auto longer = parse_column_form(fmt::format("str{}", length->integer()));
      if (form->type != ColumnType::text || !length->is_integer() || !longer) {
        complain(at + "/max_len", "\"max_len\" goes with type text and is 1 to 4096");
      } else {
        form = longer;
      }
    }
    return *form;
  }

  void read_metric(const Value& value, const std::string& at, DatasetColumn& column) {
    const auto metric = text(value, at, "metric", false);
    if (metric.empty()) return;
    Kind kind{};
    if (!parse_kind(metric, kind) || kind == Kind::rate || kind == Kind::text) {
      return complain(at + "/metric",
                      fmt::format("metric \"{}\" is none of gauge, counter, bool", metric));
    }
    const auto type = column.form.type;
    const bool number = type == ColumnType::f64 || type == ColumnType::i16 ||
                        type == ColumnType::i32 || type == ColumnType::i64;
    if (kind == Kind::boolean ? type != ColumnType::boolean : !number) {
      complain(at + "/metric",
               fmt::format("a column of type {} cannot be a {}", to_text(column.form), metric));
    }
    column.metric = kind;
  }

  void read_identity() {
    const auto* key = root_.find("key");
    const auto* identity = root_.find("identity");
    if (key != nullptr && identity != nullptr) {
      complain("/key", "\"key\" is another word for \"identity\": leave one out");
    }
    const std::string at = identity != nullptr ? "/identity" : "/key";
    if (identity == nullptr) identity = key;
    if (identity == nullptr) return;
    const auto* list = identity->array();
    if (list == nullptr) return complain(at, "must be a list of names of columns");
    std::size_t length = 0;
    for (std::size_t i = 0; i < list->size(); ++i) {
      const auto place = fmt::format("{}/{}", at, i);
      const auto* name = (*list)[i].string();
      if (name == nullptr) {
        complain(place, "must be the name of a column");
        continue;
      }
      if (*name == spec_.time) continue;  // it always belongs to the key
      length += read_identity_column(*name, place);
    }
    if (length > kIdentityLengthMax) {
      complain(at, fmt::format("the texts that tell rows apart may be {} characters long together, "
                               "and at most {} are possible",
                               length, kIdentityLengthMax));
    }
  }

  // How many characters it may have.
  std::size_t read_identity_column(const std::string& name, const std::string& at) {
    const auto found = std::find_if(spec_.columns.begin(), spec_.columns.end(),
                                    [&](const auto& column) { return column.name == name; });
    if (found == spec_.columns.end()) {
      complain(at, fmt::format("there is no column \"{}\"", name));
      return 0;
    }
    if (spec_.is_identity(name)) complain(at, fmt::format("\"{}\" appears twice", name));
    switch (found->form.type) {
      case ColumnType::f64:
      case ColumnType::json:
      case ColumnType::text:
        complain(at, fmt::format("a column of type {} cannot tell rows apart; of text give the "
                                 "length, such as str64",
                                 to_text(found->form)));
        break;
      default:
        break;
    }
    if (found->metric) complain(at, fmt::format("\"{}\" cannot be a metric as well", name));
    found->nullable = false;
    spec_.identity.push_back(name);
    return static_cast<std::size_t>(found->form.length);
  }

  void read_retention() { spec_.retention = duration(root_, "", "retention"); }

  void read_contract() {
    const auto* contract = root_.find("contract");
    if (contract == nullptr) return;
    if (contract->object() == nullptr) return complain("/contract", "must be an object");
    only(*contract, "/contract", {"columns", "data_type"});
    const auto evolves = [&](std::string_view name, bool& to) {
      const auto word = text(*contract, "/contract", name, false);
      if (word.empty()) return;
      to = word == "evolve";
      if (!to && word != "freeze") {
        complain(fmt::format("/contract/{}", name),
                 fmt::format("\"{}\" is neither evolve nor freeze", word));
      }
    };
    evolves("columns", spec_.contract.columns_evolve);
    evolves("data_type", spec_.contract.data_type_evolve);
  }

  const Value& root_;
  const bool may_have_source_;
  std::vector<DatasetProblem>& problems_;
  DatasetSpec spec_;
  std::set<std::string> seen_;
  std::size_t columns_ = 0;
};

}  // namespace

DatasetSpec read_dataset(const json::Value& value, bool may_have_source,
                         std::vector<DatasetProblem>& problems) {
  return DatasetReader(value, may_have_source, problems).read();
}

}  // namespace unity
