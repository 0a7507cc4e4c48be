#include "config/reader.hpp"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "config/text.hpp"
#include "unity/core/base/size.hpp"
#include "unity/core/base/suggest.hpp"

namespace unity::host {
namespace {

// As the file has it: what a reference stands for may be a secret.
std::string shown(const Node& node) {
  constexpr std::size_t kLongest = 60;
  switch (node.kind) {
    case Node::Kind::null:
      return "has no value";
    case Node::Kind::list:
      return "is a list";
    case Node::Kind::mapping:
      return "is a mapping";
    case Node::Kind::scalar:
      break;
  }
  const auto& text = node.expanded ? node.written : node.text;
  if (text.size() > kLongest) return "is a long text";
  const auto quote = node.quoted ? "\"" : "";
  return fmt::format("is {}{}{}{}", quote, text, quote,
                     node.expanded ? ", which stands for something else" : "");
}

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

std::string duration_range(Duration least, Duration most) {
  return fmt::format("a duration from {} to {}, such as 30s, 5m or a number of seconds",
                     to_text(least), to_text(most));
}

}  // namespace

std::optional<std::string> Reader::text(const Entry& entry) {
  const auto* node = scalar(entry, "text");
  if (node == nullptr) return std::nullopt;
  if (!node->text.empty()) return node->text;
  error(node->place,
        fmt::format("`{}` must not be empty; remove the key for the default", entry.key));
  return std::nullopt;
}

std::optional<std::string> Reader::text_or_empty(const Entry& entry) {
  const auto* node = scalar(entry, "text");
  return node != nullptr ? std::optional(node->text) : std::nullopt;
}

std::optional<std::string> Reader::name(const Entry& entry) {
  constexpr auto kWhat = "1 to 100 letters, digits, \"_\", \".\" or \"-\"";
  const auto* node = scalar(entry, kWhat);
  if (node != nullptr && is_name(node->text)) return node->text;
  if (node != nullptr) must_be(entry, kWhat);
  return std::nullopt;
}

std::optional<bool> Reader::flag(const Entry& entry) {
  const auto* node = unquoted(entry, "true or false");
  if (node == nullptr) return std::nullopt;
  if (node->text == "true" || node->text == "True" || node->text == "TRUE") return true;
  if (node->text == "false" || node->text == "False" || node->text == "FALSE") return false;
  must_be(entry, "true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Reader::whole(const Entry& entry, std::int64_t least,
                                          std::int64_t most) {
  const auto what = fmt::format("a whole number from {} to {}", least, most);
  const auto* node = unquoted(entry, what);
  if (node == nullptr) return std::nullopt;
  const auto value = parse_number<std::int64_t>(node->text);
  if (value && *value >= least && *value <= most) return value;
  must_be(entry, what);
  return std::nullopt;
}

std::optional<double> Reader::number(const Entry& entry, double least, double most) {
  const auto what = fmt::format("a number from {} to {}", least, most);
  const auto* node = unquoted(entry, what);
  if (node == nullptr) return std::nullopt;
  const auto value = parse_number<double>(node->text);
  if (value && *value >= least && *value <= most) return value;
  must_be(entry, what);
  return std::nullopt;
}

std::optional<Duration> Reader::duration(const Entry& entry, Duration least, Duration most) {
  const auto what = duration_range(least, most);
  const auto* node = scalar(entry, what);
  if (node == nullptr) return std::nullopt;
  const auto value = parse_duration(node->text);
  if (value && *value >= least && *value <= most) return value;
  must_be(entry, what);
  return std::nullopt;
}

std::optional<std::uint64_t> Reader::size(const Entry& entry, std::uint64_t least,
                                          std::uint64_t most) {
  const auto what = fmt::format("a size from {} to {}, such as 4GB, 512MiB or a number of bytes",
                                size_text(least), size_text(most));
  const auto* node = scalar(entry, what);
  if (node == nullptr) return std::nullopt;
  const auto value = parse_size(node->text);
  if (value && *value >= least && *value <= most) return value;
  must_be(entry, what);
  return std::nullopt;
}

std::optional<std::string> Reader::choice(const Entry& entry,
                                          std::initializer_list<std::string_view> choices) {
  const auto what = fmt::format("one of {}", fmt::join(choices, ", "));
  const auto* node = scalar(entry, what);
  if (node == nullptr) return std::nullopt;
  const std::vector<std::string> names(choices.begin(), choices.end());
  for (const auto& name : names) {
    if (node->text == name) return name;
  }
  const auto near = nearest(node->text, names);
  must_be(entry,
          near && !node->expanded ? fmt::format("{} (did you mean {}?)", what, *near) : what);
  return std::nullopt;
}

std::optional<std::filesystem::path> Reader::path(const Entry& entry) {
  const auto value = text(entry);
  return value ? std::optional(resolve(*value)) : std::nullopt;
}

std::optional<std::vector<std::filesystem::path>> Reader::paths(const Entry& entry) {
  if (entry.value.kind != Node::Kind::list) {
    must_be(entry, "a list of folders, such as [/usr/lib/unity/plugins]");
    return std::nullopt;
  }
  std::vector<std::filesystem::path> paths;
  for (const auto& item : entry.value.items) {
    if (item.broken) continue;
    if (item.kind == Node::Kind::scalar && !item.text.empty()) {
      paths.push_back(resolve(item.text));
    } else {
      error(item.place, fmt::format("each entry of `{}` must be the path of a folder", entry.key));
    }
  }
  return paths;
}

std::optional<Tags> Reader::tags(const Entry& entry) {
  if (!is_section(entry)) return std::nullopt;
  Tags tags;
  for (const auto& tag : entry.value.entries) {
    if (tag.key.empty()) error(tag.key_place, "the name of a tag must not be empty");
    if (const auto value = text_or_empty(tag)) tags.set(tag.key, *value);
  }
  return tags;
}

void Reader::error(const Place& place, std::string message) {
  diagnostics_.error(place.location(), std::move(message));
}

void Reader::warning(const Place& place, std::string message) {
  diagnostics_.warning(place.location(), std::move(message));
}

bool Reader::is_section(const Entry& entry) {
  const auto kind = entry.value.kind;
  if (kind == Node::Kind::mapping || kind == Node::Kind::null) return true;
  must_be(entry, "a mapping (`key: value` lines, indented)");
  return false;
}

const Node* Reader::scalar(const Entry& entry, std::string_view what) {
  if (entry.value.kind == Node::Kind::scalar) return entry.value.broken ? nullptr : &entry.value;
  must_be(entry, what);
  return nullptr;
}

const Node* Reader::unquoted(const Entry& entry, std::string_view what) {
  const auto* node = scalar(entry, what);
  if (node == nullptr || !node->quoted || node->expanded) return node;
  must_be(entry, fmt::format("{}, without quotes", what));
  return nullptr;
}

void Reader::must_be(const Entry& entry, std::string_view what) {
  if (entry.value.broken) return;
  error(entry.value.place,
        fmt::format("`{}` must be {}; it {}", entry.key, what, shown(entry.value)));
}

std::filesystem::path Reader::resolve(const std::string& path) const {
  return (base_ / path).lexically_normal();
}

void Reader::unknown_key(const Entry& entry, std::string_view what,
                         std::span<const std::string> known) {
  const auto near = nearest(entry.key, known);
  error(entry.key_place,
        fmt::format("unknown key `{}` in {}; {}", entry.key, what,
                    near ? fmt::format("did you mean `{}`?", *near)
                         : fmt::format("valid keys are {}", fmt::join(known, ", "))));
}

void Reader::not_yet(const Entry& entry) {
  warning(entry.key_place, fmt::format("`{}` is not yet in effect in this version", entry.key));
}

void Reader::key_is_gone(const Entry& entry, std::string_view instead) {
  error(entry.key_place, fmt::format("`{}` is gone: {}", entry.key, instead));
}

}  // namespace unity::host
