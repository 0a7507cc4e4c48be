#include "unity/core/json/stored_record.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "field_value.hpp"
#include "unity/core/json/record_reader.hpp"

namespace unity::json {
namespace {

constexpr std::string_view kUnsigned = "u64";
constexpr std::string_view kReal = "f64";

void append_member(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out += fmt::format("{}\"{}\":", out.back() == '{' ? "" : ",", name);
  append_quoted(out, text);
}

void append_field(std::string& out, const Field& field) {
  out += '{';
  append_member(out, "name", field.name);
  append_member(out, "kind", to_text(field.kind));
  append_member(out, "unit", field.unit);
  const auto* real = std::get_if<double>(&field.value);
  const auto* positive = std::get_if<std::uint64_t>(&field.value);
  if (real != nullptr && !std::isfinite(*real)) {
    append_member(out, "value", std::isnan(*real) ? "NaN" : *real > 0 ? "Infinity" : "-Infinity");
    append_member(out, "type", kReal);
  } else {
    out += R"(,"value":)";
    append_value(out, field.value);
    if (positive != nullptr && std::in_range<std::int64_t>(*positive)) {
      append_member(out, "type", kUnsigned);
    }
  }
  out += '}';
}

Error wrong(std::string_view what) {
  return {Errc::invalid, fmt::format("this is not a stored record: {}", what)};
}

// False if the member is there and no text.
template <class Text>
bool take_text(const Value& object, std::string_view name, Text& text) {
  const auto* member = object.find(name);
  if (member == nullptr) return true;
  if (member->string() != nullptr) text = *member->string();
  return member->string() != nullptr;
}

Result<FieldValue> read_value(const Value& value, std::string_view type) {
  const auto* text = value.string();
  if (type == kUnsigned && value.is_integer() && value.integer() >= 0) {
    return FieldValue(static_cast<std::uint64_t>(value.integer()));
  }
  if (type == kReal && text != nullptr) {
    constexpr auto infinity = std::numeric_limits<double>::infinity();
    if (*text == "NaN") return FieldValue(std::numeric_limits<double>::quiet_NaN());
    if (*text == "Infinity") return FieldValue(infinity);
    if (*text == "-Infinity") return FieldValue(-infinity);
  }
  if (!type.empty()) return wrong("a value does not have the type that is given");
  if (value.array() != nullptr || value.object() != nullptr) return wrong("a value is nested");
  return std::visit(
      [](const auto& held) -> FieldValue {
        if constexpr (std::is_constructible_v<FieldValue, decltype(held)>) {
          return FieldValue(held);
        } else {
          return {};  // lists and objects, refused above
        }
      },
      value.data());
}

Result<Field> read_field(const Value& object) {
  Field field;
  std::string kind;
  std::string type;
  const auto* value = object.find("value");
  if (value == nullptr || !take_text(object, "name", field.name) ||
      !take_text(object, "kind", kind) || !take_text(object, "unit", field.unit) ||
      !take_text(object, "type", type) || !parse_kind(kind, field.kind)) {
    return wrong("a field lacks its name, kind or value");
  }
  auto read = read_value(*value, type);
  if (!read) return std::move(read).error();
  field.value = std::move(*read);
  return field;
}

bool read_time(const Value& object, Time& time) {
  const auto* member = object.find("time");
  if (member == nullptr) return true;
  if (const auto* text = member->string()) {
    const auto parsed = parse_rfc3339(*text);
    if (parsed) time = *parsed;
    return parsed.has_value();
  }
  time = Time(std::chrono::microseconds(member->integer()));
  return member->is_integer();
}

void append_time(std::string& out, Time time) {
  if (time == Time{}) return;
  const auto text = to_rfc3339(time);
  if (parse_rfc3339(text) == time) return append_member(out, "time", text);
  // Beyond the years that have four digits.
  out +=
      fmt::format("{}\"time\":{}", out.back() == '{' ? "" : ",", time.time_since_epoch().count());
}

Result<Record> read_stored(const Value& object) {
  if (object.object() == nullptr) return wrong("it is no JSON object");
  Record record;
  Origin origin;
  if (!take_text(object, "device", origin.device) || !take_text(object, "plugin", origin.plugin) ||
      !take_text(object, "instance", origin.instance) ||
      !take_text(object, "metric", record.metric) || !take_text(object, "dataset", record.metric) ||
      !take_text(object, "summary", record.summary) ||
      !take_text(object, "time_text", record.time_text)) {
    return wrong("a member that must be text is not");
  }
  if (origin != Origin{}) record.origin = std::make_shared<const Origin>(std::move(origin));
  if (!read_time(object, record.time)) return wrong("\"time\" is no time");
  if (const auto* tags = object.find("tags")) {
    if (tags->object() == nullptr) return wrong("\"tags\" is no object");
    for (const auto& [key, value] : *tags->object()) {
      if (value.string() == nullptr) return wrong("a tag is not text");
      record.tags.set(key, *value.string());
    }
  }
  const auto* fields = object.find("fields");
  if (fields == nullptr || fields->array() == nullptr) return wrong("it has no list \"fields\"");
  for (const auto& one : *fields->array()) {
    auto field = read_field(one);
    if (!field) return std::move(field).error();
    record.fields.push_back(std::move(*field));
  }
  record.is_row = object.find("dataset") != nullptr;
  if (const auto* sequence = object.find("sequence")) {
    record.sequence = static_cast<std::uint64_t>(sequence->integer());
  }
  const auto* host_made = object.find("host_made");
  record.host_made = host_made != nullptr && *host_made == Value(true);
  return record;
}

}  // namespace

std::string to_stored_json(const Record& record) {
  std::string out = "{";
  if (record.origin) {
    append_member(out, "device", record.origin->device);
    append_member(out, "plugin", record.origin->plugin);
    append_member(out, "instance", record.origin->instance);
  }
  append_member(out, record.is_row ? "dataset" : "metric", record.metric);
  append_time(out, record.time);
  append_member(out, "time_text", record.time_text);
  if (!record.tags.empty()) {
    out += fmt::format("{}\"tags\":{}", out.back() == '{' ? "" : ",", record.tags.to_json());
  }
  out += out.back() == '{' ? R"("fields":[)" : R"(,"fields":[)";
  for (const auto& field : record.fields) {
    if (out.back() != '[') out += ',';
    append_field(out, field);
  }
  out += ']';
  append_member(out, "summary", record.summary);
  if (record.host_made) out += R"(,"host_made":true)";
  if (record.is_row && record.sequence != 0)
    out += fmt::format(",\"sequence\":{}", record.sequence);
  return out + "}";
}

std::string to_letter_json(std::string_view dataset, Time time, std::string_view row_json) {
  std::string out = "{";
  append_member(out, "dataset", dataset);
  append_time(out, time);
  return out.append(R"(,"row":)").append(row_json) + "}";
}

Result<Record> from_stored_json(std::string_view text) {
  const auto parsed = parse(text);
  if (!parsed) return wrong(parsed.error().message);
  return read_stored(*parsed);
}

Result<Payload> read_payload(std::string_view text) {
  const auto parsed = parse(text);
  if (parsed && parsed->find("fields") != nullptr) {
    auto record = read_stored(*parsed);
    if (!record) return std::move(record).error();
    return Payload{std::move(*record), true};
  }
  if (const auto* row = parsed ? parsed->find("row") : nullptr) {
    Payload payload;
    payload.record.is_row = true;
    payload.record.metric = text_of(*parsed, "dataset");
    if (!read_time(*parsed, payload.record.time)) return wrong("\"time\" is no time");
    payload.row = dump(*row);
    return payload;
  }
  Emission emission;
  emission.format =
      Emission::Format::json_array;  // a record may have been emitted on several lines
  emission.text = fmt::format("[{}]", text);
  ReadRecords read;
  read_records(emission, read);
  if (read.unreadable.empty() && read.records.size() == 1) {
    return Payload{std::move(read.records.front()), false};
  }
  return Error{Errc::invalid,
               fmt::format("this is not a record: {}", read.unreadable.empty()
                                                           ? "there is not exactly one"
                                                           : read.unreadable.front().detail)};
}

}  // namespace unity::json
