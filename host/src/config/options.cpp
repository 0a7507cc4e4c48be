#include "config/options.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace unity::host {
namespace {

// JSON's numbers, and no other: 0755, 0x1F and 1_000 mean different things to different people.
bool looks_like_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto is_digit = [&](std::size_t i) {
    return i < text.size() && text[i] >= '0' && text[i] <= '9';
  };
  return is_digit(0) && !(text[0] == '0' && is_digit(1)) && text.back() != '.';
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end;
}

json::Value scalar(const Node& node) {
  const std::string_view text = node.text;
  if (node.quoted) return text;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  // The parser has already made null of what was written so; this is what a reference gave.
  if (text.empty() || text == "null" || text == "~") return {};
  if (!looks_like_number(text)) return text;
  std::int64_t whole = 0;
  std::uint64_t big = 0;
  double real = 0;
  if (parse_number(text, whole)) return whole;
  if (parse_number(text, big)) return big;
  if (parse_number(text, real) && std::isfinite(real)) return real;
  return text;
}

// As RFC 6901 says.
std::string child_pointer(const std::string& parent, std::string_view name) {
  auto pointer = parent + '/';
  for (const char c : name) {
    if (c == '~' || c == '/') {
      pointer += c == '~' ? "~0" : "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

json::Value convert(const Node& node, const std::string& pointer, LocatedValue& out) {
  out.places.emplace(pointer, node.place.location());
  switch (node.kind) {
    case Node::Kind::null:
      break;
    case Node::Kind::scalar:
      return scalar(node);
    case Node::Kind::list: {
      json::Array array;
      for (const auto& item : node.items) {
        array.push_back(convert(item, child_pointer(pointer, std::to_string(array.size())), out));
      }
      return array;
    }
    case Node::Kind::mapping: {
      json::Object object;
      for (const auto& entry : node.entries) {
        const auto child = child_pointer(pointer, entry.key);
        out.key_places.emplace(child, entry.key_place.location());
        object.emplace_back(entry.key, convert(entry.value, child, out));
      }
      return object;
    }
  }
  return {};
}

}  // namespace

LocatedValue read_options(const Node& node) {
  LocatedValue out;
  out.value = convert(node, "", out);
  return out;
}

}  // namespace unity::host
