#include "unity/core/model/record.hpp"

#include <algorithm>
#include <array>

#include "unity/core/json/value.hpp"

namespace unity {
namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 5> kKinds{{{"gauge", Kind::gauge},
                                                                   {"counter", Kind::counter},
                                                                   {"rate", Kind::rate},
                                                                   {"bool", Kind::boolean},
                                                                   {"text", Kind::text}}};

template <class Entries>
auto place_of(Entries& entries, std::string_view key) {
  return std::lower_bound(
      entries.begin(), entries.end(), key,
      [](const auto& entry, std::string_view k) { return entry.first.text() < k; });
}

}  // namespace

std::string_view to_text(Kind kind) {
  for (const auto& [name, value] : kKinds) {
    if (value == kind) return name;
  }
  return "gauge";
}

bool parse_kind(std::string_view text, Kind& kind) {
  for (const auto& [name, value] : kKinds) {
    if (name == text) {
      kind = value;
      return true;
    }
  }
  return false;
}

Tags::Tags(std::initializer_list<Entry> entries) {
  for (const auto& [key, value] : entries) set(key, value);
}

void Tags::set(std::string_view key, std::string_view value) {
  const auto at = place_of(entries_, key);
  if (at != entries_.end() && at->first == key) {
    at->second = value;
  } else {
    entries_.emplace(at, key, value);
  }
}

void Tags::set_default(std::string_view key, std::string_view value) {
  const auto at = place_of(entries_, key);
  if (at == entries_.end() || at->first != key) entries_.emplace(at, key, value);
}

void Tags::erase(std::string_view key) {
  const auto at = place_of(entries_, key);
  if (at != entries_.end() && at->first == key) entries_.erase(at);
}

void Tags::set_defaults(const Tags& defaults) {
  const auto is_missing = [this](const Entry& entry) {
    return std::none_of(entries_.begin(), entries_.end(),
                        [&](const Entry& own) { return own.first == entry.first; });
  };
  std::size_t missing = 0;
  for (const auto& entry : defaults) missing += is_missing(entry) ? 1 : 0;
  // From the back, so that each entry moves at most once.
  auto own = entries_.size();
  entries_.resize(own + missing);
  auto place = entries_.size();
  for (auto entry = defaults.entries_.rbegin(); place > own; ++entry) {
    while (own > 0 && entries_[own - 1].first.text() > entry->first.text()) {
      entries_[--place] = std::move(entries_[--own]);
    }
    if (own == 0 || entries_[own - 1].first != entry->first) entries_[--place] = *entry;
  }
}

void Tags::set_keys(const std::vector<Name>& keys) {
  entries_.resize(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) entries_[i].first = keys[i];
}

const std::string* Tags::find(std::string_view key) const {
  const auto at = place_of(entries_, key);
  return at != entries_.end() && at->first == key ? &at->second : nullptr;
}

std::string Tags::to_json() const {
  std::string out = "{";
  for (const auto& [key, value] : entries_) {
    if (out.size() > 1) out += ',';
    json::append_quoted(out, key);
    out += ':';
    json::append_quoted(out, value);
  }
  return out + "}";
}

Tags Tags::from_json(std::string_view text) {
  Tags tags;
  const auto parsed = json::parse(text);
  const auto* members = parsed ? parsed->object() : nullptr;
  if (members == nullptr) return tags;
  for (const auto& [key, value] : *members) {
    if (const auto* string = value.string()) tags.set(key, *string);
  }
  return tags;
}

}  // namespace unity
