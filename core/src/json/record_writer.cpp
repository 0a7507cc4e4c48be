#include "unity/core/json/record_writer.hpp"

#include "unity/core/json/value.hpp"

namespace unity::json {

std::string to_json(const Record& record) {
  std::string out = R"({"metric":)";
  append_quoted(out, record.metric);
  if (!record.time_text.empty()) {  // the record's own, not settled yet
    out += R"(,"time":)";
    append_quoted(out, record.time_text);
  } else if (record.time != Time{}) {
    out += R"(,"time":)";
    append_quoted(out, to_rfc3339(record.time));
  }
  if (!record.tags.empty()) out += R"(,"tags":)" + record.tags.to_json();
  out += R"(,"values":{)";
  for (const auto& field : record.fields) {
    if (out.back() != '{') out += ',';
    append_quoted(out, field.name);
    out += ':';
    if (const auto* text = std::get_if<std::string>(&field.value)) {
      append_quoted(out, *text);
    } else if (const auto* flag = std::get_if<bool>(&field.value)) {
      out += *flag ? "true" : "false";
    } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
      out += std::to_string(*integer);
    } else if (const auto* positive = std::get_if<std::uint64_t>(&field.value)) {
      out += std::to_string(*positive);
    } else if (const auto* real = std::get_if<double>(&field.value)) {
      append_number(out, *real);
    } else {
      out += "null";
    }
  }
  out += '}';
  if (!record.summary.empty()) {
    out += R"(,"summary":)";
    append_quoted(out, record.summary);
  }
  return out + "}";
}

}  // namespace unity::json
