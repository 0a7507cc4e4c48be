#include "dom_record.hpp"

#include <algorithm>

namespace unity::json {

using simdjson::dom::element;
using simdjson::dom::element_type;

bool DomRecordFiller::fill(const element& source, Record& record) {
  simdjson::dom::object members;
  if (source.get(members) != simdjson::SUCCESS) return false;
  enum : unsigned { metric = 1, time = 2, tags = 4, value = 8, values = 16, summary = 32 };
  unsigned seen = 0;
  const auto once = [&](unsigned member) {
    const bool first = (seen & member) == 0;
    seen |= member;
    return first;
  };
  const auto text = [](const element& from, std::string& to) {
    std::string_view view;
    if (from.get(view) != simdjson::SUCCESS) return false;
    to.assign(view);
    return true;
  };
  fields_ = 0;
  record.time = {};
  for (const auto [name, member] : members) {
    bool good = false;
    if (name == "metric") {
      good = once(metric) && text(member, record.metric) && !record.metric.empty();
    } else if (name == "time") {
      good = once(time) && fill_time(member, record);
    } else if (name == "tags") {
      good = once(tags) && fill_tags(member, record);
    } else if (name == "value") {
      good = once(value) && add_field(kNumericValue, member, record);
    } else if (name == "values") {
      good = once(values) && fill_values(member, record);
    } else if (name == "summary") {
      good = once(summary) && text(member, record.summary);
    }
    if (!good) return false;
  }
  if ((seen & metric) == 0 || fields_ == 0) return false;
  if ((seen & time) == 0) record.time_text.clear();
  if ((seen & tags) == 0) record.tags.truncate(0);
  if ((seen & summary) == 0) record.summary.clear();
  record.fields.resize(fields_);
  return names_differ(record);
}

bool DomRecordFiller::fill_tags(const element& source, Record& record) {
  simdjson::dom::object members;
  if (source.get(members) != simdjson::SUCCESS) return false;
  auto& tags = record.tags;
  std::size_t count = 0;
  std::string_view last;
  for (const auto [name, member] : members) {
    std::string_view value;
    if (member.get(value) != simdjson::SUCCESS) return false;
    if (count == 0 || last < name) {
      tags.overwrite(count++, name, value);
      last = name;
    } else {
      tags.truncate(count);
      tags.set(name, value);
      count = tags.size();
    }
  }
  tags.truncate(count);
  return true;
}

bool DomRecordFiller::fill_values(const element& source, Record& record) {
  simdjson::dom::object members;
  if (source.get(members) != simdjson::SUCCESS) return false;
  for (const auto [name, member] : members) {
    if (!add_field(name, member, record)) return false;
  }
  return true;
}

bool DomRecordFiller::fill_time(const element& source, Record& record) {
  std::string_view text;
  if (source.get(text) == simdjson::SUCCESS) {
    record.time_text.assign(text);
    return !text.empty();
  }
  std::int64_t nanos = 0;
  if (source.get(nanos) != simdjson::SUCCESS) return false;
  record.time_text = std::to_string(nanos);
  return true;
}

bool DomRecordFiller::add_field(std::string_view name, const element& source, Record& record) {
  if (fields_ == record.fields.size()) record.fields.emplace_back();
  auto& field = record.fields[fields_++];
  field.name.assign(name);
  field.kind = Kind::gauge;
  field.unit.clear();
  switch (source.type()) {
    case element_type::NULL_VALUE:
      field.value = std::monostate();
      return true;
    case element_type::BOOL:
      field.value = source.get_bool().value_unsafe();
      return true;
    case element_type::INT64:
      field.value = source.get_int64().value_unsafe();
      return true;
    case element_type::UINT64:
      field.value = source.get_uint64().value_unsafe();
      return true;
    case element_type::DOUBLE:
      field.value = source.get_double().value_unsafe();
      return true;
    case element_type::STRING: {
      const auto text = source.get_string().value_unsafe();
      if (auto* old = std::get_if<std::string>(&field.value)) {
        old->assign(text);
      } else {
        field.value.emplace<std::string>(text);
      }
      return true;
    }
    default:
      return false;
  }
}

bool DomRecordFiller::names_differ(const Record& record) {
  const auto same = [](const Field& field, const std::string& name) { return field.name == name; };
  const auto& fields = record.fields;
  auto& known = known_names_[(fields.size() + record.metric.size() * 7) % known_names_.size()];
  if (std::equal(fields.begin(), fields.end(), known.begin(), known.end(), same)) return true;
  std::vector<std::string_view> names;
  for (const auto& field : fields) names.push_back(field.name);
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end()) return false;
  known.clear();
  // A few layouts of ordinary size are worth remembering, a flood of odd ones is not.
  constexpr std::size_t kRememberedMax = 64;
  if (fields.size() > kRememberedMax) return true;
  for (const auto& field : fields) known.push_back(field.name);
  return true;
}

}  // namespace unity::json
