#include "record_filler.hpp"

#include <algorithm>

namespace unity::json {
namespace {

// Layouts of ordinary size are worth remembering.
constexpr std::size_t kExpectedMax = 64;

template <std::size_t Size>
bool is(std::string_view text, const char (&word)[Size]) {
  return text.size() == Size - 1 && same_bytes(text.data(), word, Size - 1);
}

}  // namespace

// Calls `each` at the beginning of each name, which is to take the value as well.
template <class Each>
bool RecordFiller::each_member(Scanner& in, Each each) {
  if (!in.take('{')) return false;
  in.skip_blanks();
  if (in.take('}')) return true;
  do {
    if (!each()) return false;
  } while (in.take_spaced(','));
  return in.take('}');
}

bool RecordFiller::fill(Scanner& in, Record& record) {
  enum : unsigned { metric = 1, time = 2, tags = 4, value = 8, values = 16, summary = 32 };
  unsigned seen = 0;
  const auto once = [&](unsigned member) {
    const bool first = (seen & member) == 0;
    seen |= member;
    return first;
  };
  fields_ = 0;
  as_expected_ = true;
  plain_ = true;
  record.time = {};
  const bool good = each_member(in, [&] {
    std::string_view name;
    if (!in.take_text(name) || !in.take_spaced(':')) return false;
    if (is(name, "metric")) return once(metric) && fill_metric(in, record);
    if (is(name, "time")) return once(time) && fill_time(in, record);
    if (is(name, "tags")) return once(tags) && fill_tags(in, record.tags);
    if (is(name, "values")) return once(values) && fill_values(in, record);
    if (is(name, "value")) return once(value) && fill_value(in, record);
    if (!is(name, "summary") || !once(summary) || !in.take_text(name)) return false;
    record.summary.assign(name);
    return true;
  });
  if (!good || (seen & metric) == 0 || fields_ == 0) return false;
  if ((seen & time) == 0) record.time_text.clear();
  if ((seen & tags) == 0) record.tags.clear();
  if ((seen & summary) == 0) record.summary.clear();
  record.fields.resize(fields_);
  return as_expected_ || names_differ(record);
}

bool RecordFiller::fill_metric(Scanner& in, Record& record) {
  if (!layout_->metric.empty() && in.take_known_text(layout_->metric)) {
    record.metric = layout_->metric;
    return true;
  }
  std::string_view text;
  if (!in.take_text(text) || text.empty()) return false;
  record.metric = text;
  layout_ = &layouts_[std::hash<Name>()(record.metric) % kLayouts];
  if (fields_ > 0) as_expected_ = false;  // those before were held against another layout
  if (layout_->metric != record.metric) {
    *layout_ = {};
    if (in.text_was_plain()) layout_->metric = record.metric;
  }
  return true;
}

bool RecordFiller::fill_tags(Scanner& in, Tags& tags) {
  const auto from = in.offset();
  if (fill_expected_tags(in, tags)) return true;
  in.move_to(from);
  tags.clear();
  tags_.clear();
  bool plain = true;
  const bool good = each_member(in, [&] {
    std::string_view text;
    if (!in.take_text(text)) return false;
    plain = plain && in.text_was_plain();
    tags_.emplace_back(text);
    if (!in.take_spaced(':') || !in.take_text(text)) return false;
    tags.set(tags_.back(), text);
    return true;
  });
  if (good && plain) expect_tags(tags);
  return good;
}

bool RecordFiller::fill_expected_tags(Scanner& in, Tags& tags) {
  const auto& names = layout_->tags;
  if (names.empty()) return false;
  tags.set_keys(layout_->sorted_tags);
  std::size_t count = 0;
  const bool good = each_member(in, [&] {
    std::string_view text;
    if (count == names.size() || !in.take_known_text(names[count]) || !in.take_spaced(':') ||
        !in.take_text(text)) {
      return false;
    }
    tags.value_at(layout_->places[count++]).assign(text);
    return true;
  });
  return good && count == names.size();
}

// That the next record of the metric has them in the same order.
void RecordFiller::expect_tags(const Tags& tags) {
  auto& layout = *layout_;
  layout.tags.clear();
  if (tags.size() != tags_.size() || tags.size() > kExpectedMax) return;
  layout.tags = tags_;
  layout.sorted_tags.clear();
  for (const auto& tag : tags) layout.sorted_tags.push_back(tag.first);
  layout.places.clear();
  for (const auto& name : tags_) {
    const auto& sorted = layout.sorted_tags;
    layout.places.push_back(
        static_cast<std::size_t>(std::find(sorted.begin(), sorted.end(), name) - sorted.begin()));
  }
}

bool RecordFiller::fill_values(Scanner& in, Record& record) {
  const auto& names = layout_->fields;
  return each_member(in, [&] {
    std::string_view text;
    Field* field = nullptr;
    if (fields_ < names.size() && in.take_known_text(names[fields_])) {
      field = &add_field(names[fields_], record);
    } else {
      if (!in.take_text(text)) return false;
      as_expected_ = false;
      plain_ = plain_ && in.text_was_plain();
      field = &add_field(text, record);
    }
    return in.take_spaced(':') && in.take_value(field->value);
  });
}

bool RecordFiller::fill_value(Scanner& in, Record& record) {
  static const Name numeric_value = kNumericValue;
  const auto& names = layout_->fields;
  as_expected_ = as_expected_ && fields_ < names.size() && names[fields_] == numeric_value;
  return in.take_value(add_field(numeric_value, record).value);
}

Field& RecordFiller::add_field(const Name& name, Record& record) {
  if (fields_ == record.fields.size()) record.fields.emplace_back();
  auto& field = record.fields[fields_++];
  field.name = name;
  field.kind = Kind::gauge;
  field.unit.clear();
  return field;
}

bool RecordFiller::fill_time(Scanner& in, Record& record) {
  if (std::string_view text; in.take_text(text)) {
    record.time_text.assign(text);
    return !text.empty();
  }
  std::int64_t nanos = 0;
  if (!in.take_whole(nanos)) return false;
  record.time_text = std::to_string(nanos);
  return true;
}

// If so, the next record of the metric is expected to have them as well.
bool RecordFiller::names_differ(const Record& record) {
  std::vector<std::string_view> names;
  for (const auto& field : record.fields) names.push_back(field.name);
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end()) return false;
  layout_->fields.clear();
  if (!plain_ || names.size() > kExpectedMax) return true;
  for (const auto& field : record.fields) layout_->fields.push_back(field.name);
  return true;
}

}  // namespace unity::json
