#include "postgres/parameters.hpp"

#include "postgres/wire.hpp"

namespace unity::db::postgres {
namespace {

// Of the server's catalog; these never change.
constexpr unsigned kBool = 16, kBytea = 17, kInt8 = 20, kInt4 = 23, kText = 25, kByteaArray = 1001,
                   kTextArray = 1009, kInt8Array = 1016, kTimestamptz = 1184, kUuid = 2950,
                   kUuidArray = 2951, kJsonb = 3802, kFloat8 = 701, kFloat8Array = 1022,
                   kTimestamptzArray = 1185;

std::int64_t wire_form(std::int64_t value) { return value; }
std::int64_t wire_form(double value) { return std::bit_cast<std::int64_t>(value); }
std::int64_t wire_form(Time value) { return wire_time(value); }

}  // namespace

std::vector<const char*> Parameters::values() const {
  std::vector<const char*> values;
  for (std::size_t i = 0; i < size(); ++i) {
    const auto start = i == 0 ? 0 : ends_[i - 1];
    values.push_back(lengths_[i] == kNull ? nullptr : bytes_.data() + start);
  }
  return values;
}

void Parameters::end(unsigned type) {
  const auto start = ends_.empty() ? 0 : ends_.back();
  lengths_.push_back(static_cast<int>(bytes_.size() - start));
  ends_.push_back(bytes_.size());
  types_.push_back(type);
}

void Parameters::add(std::int64_t value) {
  append_big(bytes_, value);
  end(kInt8);
}

void Parameters::add(int value) {
  append_big(bytes_, std::int32_t{value});
  end(kInt4);
}

void Parameters::add(bool value) {
  bytes_ += value ? '\1' : '\0';
  end(kBool);
}

void Parameters::add(std::string_view value) {
  bytes_ += value;
  end(kText);
}

void Parameters::add(Bytes value) {
  bytes_ += value.bytes;
  end(kBytea);
}

void Parameters::add(Uuid value) {
  bytes_ += value.bytes;
  end(kUuid);
}

void Parameters::add(Json value) {
  bytes_ += '\1';  // the version of the form
  bytes_ += value.text;
  end(kJsonb);
}

void Parameters::add(Time value) {
  append_big(bytes_, wire_time(value));
  end(kTimestamptz);
}

void Parameters::add(Integers value) { add_numbers(kInt8, value.values, kInt8Array); }
void Parameters::add(Doubles value) { add_numbers(kFloat8, value.values, kFloat8Array); }
void Parameters::add(Times value) { add_numbers(kTimestamptz, value.values, kTimestamptzArray); }

void Parameters::add(Texts value) { add_array(kText, value.values, kTextArray); }
void Parameters::add(ByteStrings value) { add_array(kBytea, value.values, kByteaArray); }
void Parameters::add(Uuids value) { add_array(kUuid, value.values, kUuidArray); }

template <class Value>
void Parameters::add_numbers(unsigned element_type, const std::vector<Value>& values,
                             unsigned type) {
  begin_array(element_type, values.size());
  for (const auto& one : values) {
    const auto wire = wire_form(one);
    append_big(bytes_, static_cast<std::int32_t>(sizeof wire));
    append_big(bytes_, wire);
  }
  end(type);
}

void Parameters::add_array(unsigned element_type, const std::vector<std::string>& values,
                           unsigned type) {
  begin_array(element_type, values.size());
  for (const auto& one : values) {
    append_big(bytes_, static_cast<std::int32_t>(one.size()));
    bytes_ += one;
  }
  end(type);
}

void Parameters::begin_array(unsigned element_type, std::size_t count) {
  append_big(bytes_, std::int32_t{1});  // dimensions
  append_big(bytes_, std::int32_t{0});  // no nulls
  append_big(bytes_, static_cast<std::int32_t>(element_type));
  append_big(bytes_, static_cast<std::int32_t>(count));
  append_big(bytes_, std::int32_t{1});  // the first index
}

}  // namespace unity::db::postgres
