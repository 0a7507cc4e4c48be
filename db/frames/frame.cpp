#include "frames/frame.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "unity/core/json/value.hpp"

namespace unity::db {
namespace {

Error damaged(std::string_view what, std::string_view text) {
  return {Errc::internal, fmt::format("a stored frame is damaged: {} is {}", what, text)};
}

Result<void> parse_vals(std::string_view vals, std::vector<Number>& numbers) {
  if (vals.size() < 2 || vals.front() != '[' || vals.back() != ']') return damaged("vals", vals);
  auto rest = vals.substr(1, vals.size() - 2);
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    Number number;
    if (!parse_number(rest.substr(0, comma), number)) return damaged("vals", vals);
    numbers.push_back(number);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return {};
}

Result<void> parse_doc(std::string_view doc, std::vector<FrameText>& texts) {
  if (doc.empty()) return {};
  const auto parsed = json::parse(doc);
  const auto* metrics = parsed ? parsed->object() : nullptr;
  if (metrics == nullptr) return damaged("doc", doc);
  for (const auto& [metric, value] : *metrics) {
    const auto* fields = value.object();
    if (fields == nullptr) return damaged("doc", doc);
    for (const auto& [field, text] : *fields) {
      texts.push_back({metric, field, text.string() != nullptr ? *text.string() : dump(text)});
    }
  }
  return {};
}

}  // namespace

Number Frame::number(int position) const {
  const auto index = static_cast<std::size_t>(position);
  return position >= 0 && index < numbers.size() ? numbers[index] : Number();
}

void Frame::set_number(int position, const Number& number) {
  const auto index = static_cast<std::size_t>(position);
  if (index >= numbers.size()) numbers.resize(index + 1);
  numbers[index] = number;
}

const std::string* Frame::text(std::string_view metric, std::string_view field) const {
  for (const auto& entry : texts) {
    if (entry.field == field && entry.metric == metric) return &entry.value;
  }
  return nullptr;
}

void append_vals(std::string& out, const Frame& frame) {
  out += '[';
  for (const auto& number : frame.numbers) {
    append_json(out, number);
    out += ',';
  }
  if (frame.numbers.empty()) {
    out += ']';
  } else {
    out.back() = ']';
  }
}

void append_doc(std::string& out, const Frame& frame) {
  if (frame.texts.empty()) return;
  std::vector<const FrameText*> sorted;
  for (const auto& text : frame.texts) sorted.push_back(&text);
  std::sort(sorted.begin(), sorted.end(), [](const FrameText* a, const FrameText* b) {
    return std::tie(a->metric, a->field) < std::tie(b->metric, b->field);
  });
  const FrameText* last = nullptr;
  for (const auto* text : sorted) {
    if (last == nullptr || last->metric != text->metric) {
      out += last == nullptr ? "{" : "},";
      json::append_quoted(out, text->metric);
      out += ":{";
    } else {
      out += ',';
    }
    json::append_quoted(out, text->field);
    out += ':';
    json::append_quoted(out, text->value);
    last = text;
  }
  out += "}}";
}

Result<Frame> parse_frame(std::string_view vals, std::string_view doc) {
  Frame frame;
  if (auto parsed = parse_vals(vals, frame.numbers); !parsed) return std::move(parsed).error();
  if (auto parsed = parse_doc(doc, frame.texts); !parsed) return std::move(parsed).error();
  return frame;
}

}  // namespace unity::db
