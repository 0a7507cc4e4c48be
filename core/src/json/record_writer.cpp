#include "unity/core/json/record_writer.hpp"

#include "field_value.hpp"

namespace unity::json {

std::string to_json(const Record& record) {
  std::string out = record.is_row ? R"({"dataset":)" : R"({"metric":)";
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
    append_value(out, field.value);
  }
  out += '}';
  if (!record.summary.empty()) {
    out += R"(,"summary":)";
    append_quoted(out, record.summary);
  }
  return out + "}";
}

}  // namespace unity::json
