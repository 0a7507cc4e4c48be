#include "unity/core/json/value.hpp"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <set>

#include "number.hpp"
#include "unity/core/base/text.hpp"

namespace unity::json {
namespace {

// Values are destroyed and written recursively: foreign text must not choose how deep.
constexpr std::size_t kDepthMax = 256;
constexpr std::size_t kFewNames = 32;

// Builds a Value from RapidJSON's events. `open_` is the path of containers being filled.
class Builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Builder> {
 public:
  bool Null() { return put(Value()); }
  bool Bool(bool value) { return put(Value(value)); }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    if (read_number({text, length}, [&](auto value) { return put(Value(value)); })) return true;
    problem_ = "the number is too large";
    return false;
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return check_text({text, length}) && put(Value(std::string(text, length)));
  }
  bool StartObject() { return open(Value(Object())); }
  bool StartArray() { return open(Value(Array())); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    std::string name(text, length);
    if (!check_text(name)) return false;
    if (open_.back().has(name)) {
      problem_ = fmt::format("the name \"{}\" appears twice", name);
      return false;
    }
    names_.push_back(std::move(name));
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  Value take() { return std::move(root_); }
  // Why this builder ended the parsing; empty if it did not.
  const std::string& problem() const { return problem_; }

 private:
  // A container that is being filled. Foreign text may have any number of names in one object, so
  // those of a large one are sorted: to compare each with each takes a minute for a megabyte.
  struct Open {
    Value value;
    std::set<std::string, std::less<>> names;  // all of them, once there are more than a few

    bool has(std::string_view name) {
      const auto& members = *value.object();
      if (members.size() < kFewNames) return value.find(name) != nullptr;
      if (names.empty()) {
        for (const auto& member : members) names.insert(member.first);
      } else {
        names.insert(members.back().first);
      }
      return names.contains(name);
    }
  };

  // The parser takes the second half of a surrogate pair without the first.
  bool check_text(std::string_view text) {
    if (is_utf8(text)) return true;
    problem_ = "an escape is half of a surrogate pair";
    return false;
  }
  bool open(Value container) {
    if (open_.size() == kDepthMax) {
      problem_ = fmt::format("it is nested more than {} deep", kDepthMax);
      return false;
    }
    open_.push_back({std::move(container), {}});
    return true;
  }
  bool close() {
    Value done = std::move(open_.back().value);
    open_.pop_back();
    return put(std::move(done));
  }
  bool put(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (auto* array = open_.back().value.array()) {
      array->push_back(std::move(value));
    } else {
      open_.back().value.object()->emplace_back(std::move(names_.back()), std::move(value));
      names_.pop_back();
    }
    return true;
  }

  Value root_;
  std::vector<Open> open_;
  std::vector<std::string> names_;
  std::string problem_;
};

template <class Writer>
void write_string(Writer& writer, std::string_view text) {
  std::string quoted;
  append_quoted(quoted, text);
  writer.RawValue(quoted.data(), quoted.size(), rapidjson::kStringType);
}

template <class Writer>
void write(Writer& writer, const Value& value) {
  if (const auto* object = value.object()) {
    writer.StartObject();
    for (const auto& [name, member] : *object) {
      write_string(writer, name);
      write(writer, member);
    }
    writer.EndObject();
  } else if (const auto* array = value.array()) {
    writer.StartArray();
    for (const auto& element : *array) write(writer, element);
    writer.EndArray();
  } else if (const auto* text = value.string()) {
    write_string(writer, *text);
  } else if (const auto* boolean = value.boolean()) {
    writer.Bool(*boolean);
  } else if (value.is_null()) {
    writer.Null();
  } else {
    std::string number;
    if (const auto* real = std::get_if<double>(&value.data())) {
      append_number(number, *real);
    } else if (const auto* positive = std::get_if<std::uint64_t>(&value.data())) {
      number = fmt::to_string(*positive);
    } else {
      number = fmt::to_string(value.integer());
    }
    writer.RawValue(number.data(), number.size(), rapidjson::kNumberType);
  }
}

std::string place_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto last_break = before.rfind('\n');
  const auto column = before.size() - (last_break == before.npos ? 0 : last_break + 1) + 1;
  return fmt::format("line {}, column {}", line, column);
}

}  // namespace

bool Value::is_number() const { return data_.index() >= 2 && data_.index() <= 4; }

bool Value::is_integer() const {
  const auto* real = std::get_if<double>(&data_);
  return real != nullptr ? std::trunc(*real) == *real : is_number();
}

double Value::number() const {
  if (const auto* integer = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*integer);
  if (const auto* positive = std::get_if<std::uint64_t>(&data_)) {
    return static_cast<double>(*positive);
  }
  const auto* real = std::get_if<double>(&data_);
  return real != nullptr ? *real : 0;
}

std::int64_t Value::integer() const {
  if (const auto* integer = std::get_if<std::int64_t>(&data_)) return *integer;
  // What is held unsigned does not fit.
  const auto* real = std::get_if<double>(&data_);
  constexpr double bound = 9223372036854775808.0;  // 2^63
  const bool fits = real != nullptr && *real >= -bound && *real < bound && is_integer();
  return fits ? static_cast<std::int64_t>(*real) : 0;
}

const Value* Value::find(std::string_view name) const {
  const auto* members = object();
  if (members == nullptr) return nullptr;
  for (const auto& [key, value] : *members) {
    if (key == name) return &value;
  }
  return nullptr;
}

Value* Value::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));
}

void Value::set(std::string_view name, Value value) {
  if (is_null()) data_ = Object();
  if (auto* existing = find(name)) {
    *existing = std::move(value);
  } else {
    object()->emplace_back(std::string(name), std::move(value));
  }
}

std::string_view Value::type_name() const {
  if (is_null()) return "null";
  if (boolean() != nullptr) return "boolean";
  if (string() != nullptr) return "string";
  if (array() != nullptr) return "array";
  if (object() != nullptr) return "object";
  return is_integer() ? "integer" : "number";
}

std::string text_of(const Value& object, std::string_view name) {
  const auto* member = object.find(name);
  return member != nullptr && member->string() != nullptr ? *member->string() : std::string();
}

Array array_of(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

Result<Value> parse(std::string_view text) {
  rapidjson::Reader reader;
  Builder builder;
  rapidjson::MemoryStream bytes(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(bytes);
  // Iterative: nesting costs heap, not stack, so foreign text cannot overflow ours.
  constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                             rapidjson::kParseValidateEncodingFlag |
                             rapidjson::kParseNumbersAsStringsFlag;
  const auto result = reader.Parse<flags>(stream, builder);
  if (result) {
    if (bytes.Tell() == text.size()) return builder.take();
    // The parser takes a zero byte for the end.
    return Error{Errc::invalid,
                 fmt::format("not valid JSON at {}: a zero byte", place_of(text, bytes.Tell()))};
  }
  const auto why = builder.problem().empty()
                       ? std::string(rapidjson::GetParseError_En(result.Code()))
                       : builder.problem();
  return Error{Errc::invalid,
               fmt::format("not valid JSON at {}: {}", place_of(text, result.Offset()), why)};
}

std::string dump(const Value& value, Style style) {
  rapidjson::StringBuffer buffer;
  if (style == Style::pretty) {
    rapidjson::PrettyWriter writer(buffer);
    writer.SetIndent(' ', 2);
    write(writer, value);
  } else {
    rapidjson::Writer writer(buffer);
    write(writer, value);
  }
  return {buffer.GetString(), buffer.GetSize()};
}

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  std::size_t clean = 0;  // start of the run that can be copied as it is
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto length = byte < 0x80 ? 1 : utf8_length(text.substr(i));
    if (length > 0 && byte >= 0x20 && byte != '"' && byte != '\\') {
      i += length;
      continue;
    }
    out.append(text, clean, i - clean);
    clean = ++i;
    if (byte >= 0x80) {
      out += "\xEF\xBF\xBD";  // U+FFFD in place of a byte that is not UTF-8
    } else if (byte >= 0x20) {
      out += '\\';
      out += static_cast<char>(byte);
    } else {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  out.append(text, clean);
  out += '"';
}

namespace {

// What is measured mostly has few digits after the point, and is written faster as a whole number
// of thousandths. False, and nothing written, unless that reads back as the same number; with at
// most 15 digits it is the shortest text that does, so the text is that of std::to_chars.
bool append_thousandths(std::string& out, double number) {
  const double scaled = number * 1000;
  if (!(std::abs(scaled) < 1e15)) return false;
  const auto all = static_cast<std::int64_t>(scaled + std::copysign(0.5, scaled));
  const auto part = static_cast<int>(std::abs(all % 1000));
  // Whole numbers may be shorter with an exponent.
  if (part == 0 || static_cast<double>(all) / 1000 != number) return false;
  char buffer[24];
  char* at = buffer;
  if (all < 0) *at++ = '-';
  at = std::to_chars(at, buffer + sizeof buffer, std::abs(all) / 1000).ptr;
  *at++ = '.';
  for (int rest = part, digit = 100; rest > 0; rest %= digit, digit /= 10) {
    *at++ = static_cast<char>('0' + rest / digit);
  }
  out.append(buffer, at);
  return true;
}

}  // namespace

void append_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  if (append_thousandths(out, number)) return;
  char buffer[32];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

}  // namespace unity::json
