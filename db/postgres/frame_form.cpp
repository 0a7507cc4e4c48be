#include "postgres/frame_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "postgres/wire.hpp"
#include "unity/core/json/value.hpp"

namespace unity::db::postgres {
namespace {

constexpr std::int32_t kDoubleType = 701;
constexpr std::int32_t kNull = -1;
constexpr std::size_t kHeader = 20;  // dimensions, nulls, type; the length and the first index
// Up to here a double holds every integer, and reading it gives the integer back.
constexpr std::int64_t kExactMax = std::int64_t{1} << 53;

Error damaged(std::string_view what) {
  return {Errc::internal, fmt::format("a stored frame is damaged: {}", what)};
}

Number to_number(double value) {
  const bool is_integer = std::trunc(value) == value && std::abs(value) <= double{kExactMax} &&
                          !(value == 0 && std::signbit(value));
  if (is_integer) return static_cast<std::int64_t>(value);
  return std::isfinite(value) ? Number(value) : Number();
}

}  // namespace

bool needs_exact_form(const Number& number) {
  if (std::holds_alternative<std::uint64_t>(number)) return true;  // more than 2^63
  const auto* integer = std::get_if<std::int64_t>(&number);
  return integer != nullptr && (*integer > kExactMax || *integer < -kExactMax);
}

Result<void> read_numbers(std::string_view vals, std::vector<Number>& numbers) {
  if (vals.size() < 12) return damaged("vals is cut");
  const auto dimensions = read_big<std::int32_t>(vals.data());
  if (dimensions == 0) return {};
  if (dimensions != 1 || vals.size() < kHeader) return damaged("vals is no list");
  const auto count = read_big<std::int32_t>(vals.data() + 12);
  vals.remove_prefix(kHeader);
  for (std::int32_t i = 0; i < count; ++i) {
    if (vals.size() < 4) return damaged("vals is cut");
    const auto length = read_big<std::int32_t>(vals.data());
    vals.remove_prefix(4);
    if (length == kNull) {
      numbers.emplace_back();
      continue;
    }
    if (length != 8 || vals.size() < 8) return damaged("vals is cut");
    numbers.push_back(to_number(std::bit_cast<double>(read_big<std::int64_t>(vals.data()))));
    vals.remove_prefix(8);
  }
  return {};
}

namespace {

struct DocEntry {
  std::string_view metric;
  std::string_view field;
  const FrameText* text;  // null: `number`
  Number number;
};

std::vector<DocEntry> doc_entries(const Frame& frame, const Source& source) {
  std::vector<DocEntry> entries;
  for (const auto& text : frame.texts) entries.push_back({text.metric, text.field, &text, {}});
  if (std::none_of(frame.numbers.begin(), frame.numbers.end(), needs_exact_form)) return entries;
  for (const auto& series : source.series()) {
    const auto number = frame.number(series.position);
    if (needs_exact_form(number)) entries.push_back({series.metric, series.field, nullptr, number});
  }
  return entries;
}

}  // namespace

void append_numbers(std::string& out, const Frame& frame) {
  const auto& numbers = frame.numbers;
  const bool has_nulls = std::any_of(numbers.begin(), numbers.end(), is_absent);
  append_big(out, std::int32_t{numbers.empty() ? 0 : 1});
  append_big(out, std::int32_t{has_nulls ? 1 : 0});
  append_big(out, kDoubleType);
  if (numbers.empty()) return;
  append_big(out, static_cast<std::int32_t>(numbers.size()));
  append_big(out, std::int32_t{1});
  // Room for all at once: appended one by one, they are the dearest part of a batch.
  const auto begin = out.size();
  out.resize(begin + numbers.size() * (sizeof(std::int32_t) + sizeof(double)));
  char* at = out.data() + begin;
  for (const auto& number : numbers) {
    if (is_absent(number)) {
      at = put_big(at, kNull);
    } else {
      at = put_big(at, std::int32_t{sizeof(double)});
      at = put_big(at, std::bit_cast<std::int64_t>(to_double(number)));
    }
  }
  out.resize(static_cast<std::size_t>(at - out.data()));
}

void append_texts(std::string& out, const Frame& frame, const Source& source) {
  auto entries = doc_entries(frame, source);
  if (entries.empty()) return;
  std::sort(entries.begin(), entries.end(), [](const DocEntry& a, const DocEntry& b) {
    return std::tie(a.metric, a.field) < std::tie(b.metric, b.field);
  });
  const DocEntry* last = nullptr;
  for (const auto& entry : entries) {
    if (last == nullptr || last->metric != entry.metric) {
      out += last == nullptr ? "{" : "},";
      json::append_quoted(out, entry.metric);
      out += ":{";
    } else {
      out += ',';
    }
    json::append_quoted(out, entry.field);
    out += ':';
    if (entry.text != nullptr) {
      json::append_quoted(out, entry.text->value);
    } else {
      append_json(out, entry.number);
    }
    last = &entry;
  }
  out += "}}";
}

Result<Frame> read_frame(std::string_view vals, std::string_view doc, const Source& source) {
  Frame frame;
  if (auto read = read_numbers(vals, frame.numbers); !read) return std::move(read).error();
  if (doc.empty()) return frame;
  const auto parsed = json::parse(doc);
  const auto* metrics = parsed ? parsed->object() : nullptr;
  if (metrics == nullptr) return damaged("doc is no object");
  for (const auto& [metric, value] : *metrics) {
    const auto* fields = value.object();
    if (fields == nullptr) return damaged("doc has a metric without fields");
    for (const auto& [field, content] : *fields) {
      if (const auto* text = content.string()) {
        frame.texts.push_back({metric, field, *text});
        continue;
      }
      Number exact;
      const auto series = source.find(metric, field);
      if (!parse_number(json::dump(content), exact))
        return damaged("doc has neither text nor number");
      if (series == Source::kNone || source.series()[series].position == kNoPosition) continue;
      frame.set_number(source.series()[series].position, exact);
    }
  }
  return frame;
}

}  // namespace unity::db::postgres
