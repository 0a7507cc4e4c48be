#include "unity/core/model/summary_template.hpp"

#include <fmt/format.h>

#include <iterator>

namespace unity {
namespace {

constexpr std::string_view kTags = "tags.";

void append_value(const FieldValue& value, int digits, std::string& out) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    out += *text;
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    out += *flag ? "true" : "false";
  } else if (digits >= 0) {
    fmt::format_to(std::back_inserter(out), "{:.{}f}", as_double(value), digits);
  } else if (const auto* positive = std::get_if<std::uint64_t>(&value)) {
    out += std::to_string(*positive);
  } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    out += std::to_string(*whole);
  } else {
    fmt::format_to(std::back_inserter(out), "{:.6g}", as_double(value));
  }
}

// ".1f", and ".1" for short.
bool parse_digits(std::string_view text, int& digits) {
  if (text.ends_with('f')) text.remove_suffix(1);
  if (text.size() != 2 || text[0] != '.' || text[1] < '0' || text[1] > '9') return false;
  digits = text[1] - '0';
  return true;
}

}  // namespace

Result<SummaryTemplate> SummaryTemplate::parse(std::string_view text) {
  SummaryTemplate made;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) made.parts_.push_back({Part::What::text, std::exchange(plain, {}), -1});
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '{' && c != '}') {
      plain += c;
    } else if (at + 1 < text.size() && text[at + 1] == c) {
      plain += c;
      ++at;
    } else {
      const auto close = text.find('}', at);
      if (c == '}' || close == text.npos) {
        return Error{Errc::invalid, fmt::format("the summary \"{}\" has a single '{}' at byte {}; "
                                                "write it twice if it is meant as text",
                                                text, c, at + 1)};
      }
      flush();
      if (auto part = made.add_part(text.substr(at + 1, close - at - 1), at + 1); !part) {
        return part.error();
      }
      at = close;
    }
  }
  flush();
  return made;
}

Result<void> SummaryTemplate::add_part(std::string_view inside, std::size_t at) {
  Part part;
  part.what = Part::What::field;
  const auto colon = inside.find(':');
  auto name = inside.substr(0, colon);
  if (colon != inside.npos && !parse_digits(inside.substr(colon + 1), part.digits)) {
    return Error{Errc::invalid,
                 fmt::format("\"{{{}}}\" at byte {} of the summary: after the colon stands the "
                             "number of digits, such as .1f",
                             inside, at)};
  }
  if (name.starts_with(kTags)) {
    part.what = Part::What::tag;
    name.remove_prefix(kTags.size());
  }
  if (name.empty()) {
    return Error{Errc::invalid,
                 fmt::format("\"{{{}}}\" at byte {} of the summary names no field", inside, at)};
  }
  part.text = name;
  if (part.what == Part::What::field) fields_.push_back(part.text);
  parts_.push_back(std::move(part));
  return {};
}

bool SummaryTemplate::render(const Record& record, std::string& out) const {
  const auto before = out.size();
  bool any = fields_.empty();
  for (const auto& part : parts_) any = append(part, record, out) || any;
  if (!any) out.resize(before);
  return any;
}

// Whether it was a field, and there.
bool SummaryTemplate::append(const Part& part, const Record& record, std::string& out) {
  if (part.what == Part::What::text) {
    out += part.text;
    return false;
  }
  if (part.what == Part::What::tag) {
    const auto* value = record.tags.find(part.text);
    out += value != nullptr ? *value : "?";
    return false;
  }
  for (const auto& field : record.fields) {
    if (field.name != part.text || std::holds_alternative<std::monostate>(field.value)) continue;
    append_value(field.value, part.digits, out);
    return true;
  }
  out += '?';
  return false;
}

}  // namespace unity
