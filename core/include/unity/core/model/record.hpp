// A record: what a collector said about one thing at one moment; or a row of a dataset.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "unity/core/base/name.hpp"
#include "unity/core/base/time.hpp"

namespace unity {

// What a field means. Collectors emit gauges, counters, booleans and text; a counter becomes a
// rate before it is stored.
enum class Kind : std::uint8_t { gauge, counter, rate, boolean, text };
std::string_view to_text(Kind kind);  // "gauge", "counter", "rate", "bool", "text"
bool parse_kind(std::string_view text, Kind& kind);

// Sorted by key, keys unique: equal sets compare equal and serialise alike.
class Tags {
 public:
  using Entry = std::pair<Name, std::string>;
  using const_iterator = std::vector<Entry>::const_iterator;

  Tags() = default;
  Tags(std::initializer_list<Entry> entries);

  // Replaces the value if the key exists.
  void set(std::string_view key, std::string_view value);
  // Keeps the value if the key exists.
  void set_default(std::string_view key, std::string_view value);
  // As set_default() of each, in one go.
  void set_defaults(const Tags& defaults);
  void erase(std::string_view key);
  void clear() { entries_.clear(); }
  // For those who fill the memory of an older set: these become its keys, which must be sorted and
  // unique. The values are then whatever they were, and all have to be set with value_at().
  void set_keys(const std::vector<Name>& keys);
  std::string& value_at(std::size_t index) { return entries_[index].second; }
  const std::string* find(std::string_view key) const;

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }

  // The canonical form: compact JSON, keys in byte order.
  std::string to_json() const;
  static Tags from_json(std::string_view json);  // what is not a string is left out

  friend bool operator==(const Tags&, const Tags&) = default;

 private:
  std::vector<Entry> entries_;
};

// Null (monostate) is "known to be absent". Text is stored beside the numbers, not among them.
using FieldValue =
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string>;

// Booleans count as 0 and 1.
inline bool is_number(const FieldValue& value) {
  return !std::holds_alternative<std::monostate>(value) &&
         !std::holds_alternative<std::string>(value);
}
inline double as_double(const FieldValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* positive = std::get_if<std::uint64_t>(&value)) {
    return static_cast<double>(*positive);
  }
  const auto* flag = std::get_if<bool>(&value);
  return flag != nullptr && *flag ? 1 : 0;
}

struct Field {
  Name name;
  FieldValue value;
  Kind kind = Kind::gauge;
  // UCUM-like: "By", "s", "%", "1"; empty if none was declared. In a row of a dataset instead the
  // type of the column: "i64", "str64".
  Name unit;

  friend bool operator==(const Field&, const Field&) = default;
};

// The field that a bare "value" of a record becomes.
inline constexpr std::string_view kNumericValue = "numeric_value";
// The text field that a record's summary becomes.
inline constexpr std::string_view kSummary = "_summary";

// Who speaks: shared by all records of a collector instance.
struct Origin {
  std::string device;  // the machine spoken of
  std::string plugin;  // plugin id
  std::string instance;

  friend bool operator==(const Origin&, const Origin&) = default;
};

struct Record {
  std::shared_ptr<const Origin> origin;
  Name metric;            // of a row: the dataset
  Time time{};            // microseconds since the epoch; zero until the timestamp stage
  std::string time_text;  // as emitted, until the timestamp stage has read it
  Tags tags;
  std::vector<Field> fields;
  std::string summary;
  bool host_made = false;  // by the host itself; counted apart from what collectors emit
  // A row of the dataset that `metric` names: its fields are columns, texts and JSON are text,
  // times whole microseconds. It has no tags and passes no stages.
  bool is_row = false;
  std::uint64_t sequence = 0;  // its place in the spool, the first it had; 0: none yet
};

}  // namespace unity
