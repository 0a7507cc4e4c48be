#include "frames/merge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "frames/text.hpp"

namespace unity::db {

bool has_content(const Record& record) {
  return !record.summary.empty() ||
         std::any_of(record.fields.begin(), record.fields.end(), [](const Field& field) {
           return std::holds_alternative<std::string>(field.value) ||
                  !is_absent(to_number(field.value));
         });
}

std::optional<Rejection> FrameMerger::apply(const Record& record, std::size_t index, Source& source,
                                            Frame& frame) {
  if (repeat(record, source, frame)) return std::nullopt;
  read_items(record);
  if (auto why = find_invalid(record, source)) {
    return Rejection{index, "invalid", std::move(*why)};
  }
  if (auto why = find_conflict(record, source, frame)) {
    return Rejection{index, "conflict", std::move(*why)};
  }
  fill(record, source, frame);
  return std::nullopt;
}

// Most records say again what the source said before, in the same order: numbers alone, each of a
// series that has its place. This is what a busy host spends its time with.
bool FrameMerger::repeat(const Record& record, const Source& source, Frame& frame) {
  const auto& series = source.series();
  const auto count = record.fields.size();
  if (count == 0 || hint_ + count > series.size()) return false;
  if (!record.summary.empty() || !frame.texts.empty()) return false;
  numbers_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const auto& field = record.fields[i];
    const auto& known = series[hint_ + i];
    const bool is_known = known.field == field.name && known.metric == record.metric &&
                          known.unit == field.unit && known.kind == field.kind &&
                          known.position != kNoPosition;
    if (!is_known || !is_absent(frame.number(known.position))) return false;
    numbers_.push_back(to_number(field.value));
    if (is_absent(numbers_.back())) return false;
  }
  frame.numbers.reserve(series.size());
  for (std::size_t i = 0; i < count; ++i) {
    frame.set_number(series[hint_ + i].position, numbers_[i]);
  }
  hint_ = hint_ + count < series.size() ? hint_ + count : 0;
  changed_ = true;
  return true;
}

void FrameMerger::read_items(const Record& record) {
  items_.clear();
  for (const auto& field : record.fields) {
    Item item{field.name, to_number(field.value), {}, field.unit, field.kind};
    if (const auto* text = std::get_if<std::string>(&field.value)) {
      item.text = *text;
    } else if (is_absent(item.number)) {
      continue;
    }
    items_.push_back(item);
  }
  if (!record.summary.empty()) items_.push_back({kSummary, {}, record.summary, {}});
}

// Looks the items up on the way.
std::optional<std::string> FrameMerger::find_invalid(const Record& record, const Source& source) {
  std::size_t least = 0;
  bool in_order = true;  // each is a series after the one before: none can be there twice
  for (auto& item : items_) {
    item.series = source.find(record.metric, item.field, hint_);
    in_order = in_order && item.series != Source::kNone && item.series >= least;
    if (item.series == Source::kNone) {
      if (!is_name(record.metric, kMetricLength)) {
        return fmt::format("a metric's name must be 1 to {} characters of UTF-8", kMetricLength);
      }
      if (!is_name(item.field, kFieldLength)) {
        return fmt::format("metric \"{}\": a field's name must be 1 to {} characters of UTF-8",
                           record.metric, kFieldLength);
      }
    } else {
      least = item.series + 1;
      hint_ = least < source.series().size() ? least : 0;
    }
    if (!item.unit.empty() && !is_name(item.unit, kUnitLength)) {
      return fmt::format("metric \"{}\", field \"{}\": a unit must be at most {} characters",
                         record.metric, item.field, kUnitLength);
    }
    if (!is_text(item.text)) {
      return fmt::format("metric \"{}\", field \"{}\": the text is not UTF-8, or contains a NUL",
                         record.metric, item.field);
    }
  }
  if (in_order) return std::nullopt;
  names_.clear();
  for (const auto& item : items_) names_.push_back(item.field);
  std::sort(names_.begin(), names_.end());
  const auto twice = std::adjacent_find(names_.begin(), names_.end());
  if (twice == names_.end()) return std::nullopt;
  return fmt::format("metric \"{}\": the field \"{}\" appears twice", record.metric, *twice);
}

std::optional<std::string> FrameMerger::find_conflict(const Record& record, const Source& source,
                                                      const Frame& frame) const {
  for (const auto& item : items_) {
    if (item.series == Source::kNone) continue;
    const auto stored_number = frame.number(source.series()[item.series].position);
    const auto* stored_text = frame.text(record.metric, item.field);
    if (is_absent(stored_number) && stored_text == nullptr) continue;
    const bool same = is_absent(item.number) ? stored_text != nullptr && *stored_text == item.text
                                             : same_number(stored_number, item.number);
    if (same) continue;
    const auto show = [](const Number& number, std::string_view text) {
      if (is_absent(number)) return fmt::format("\"{}\"", text);
      std::string shown;
      append_json(shown, number);
      return shown;
    };
    return fmt::format(
        "metric \"{}\", field \"{}\" of {}/{}/{} {}: {} is stored for {} already, so {} is not",
        record.metric, item.field, record.origin->device, record.origin->plugin,
        record.origin->instance, record.tags.to_json(),
        show(stored_number, stored_text != nullptr ? *stored_text : std::string()),
        to_rfc3339(record.time), show(item.number, item.text));
  }
  return std::nullopt;
}

void FrameMerger::fill(const Record& record, Source& source, Frame& frame) {
  frame.numbers.reserve(source.series().size());
  for (const auto& item : items_) {
    const auto series =
        item.series != Source::kNone ? item.series : source.add(record.metric, item.field);
    source.describe(series, item.unit, item.kind);
    if (is_absent(item.number)) {
      if (frame.text(record.metric, item.field) != nullptr) continue;
      frame.texts.push_back({record.metric, std::string(item.field), std::string(item.text)});
    } else {
      source.need_position(series);
      const auto position = source.series()[series].position;
      if (!is_absent(frame.number(position))) continue;
      frame.set_number(position, item.number);
    }
    changed_ = true;
  }
}

}  // namespace unity::db
