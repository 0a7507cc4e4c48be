#include "manifest_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "unity/core/base/suggest.hpp"

namespace unity {

using json::Value;

void ManifestReader::complain(std::string_view where, std::string_view what) {
  if (++count_ > kShown) return;
  fmt::format_to(std::back_inserter(text_), "{}{}: {}", count_ > 1 ? "\n" : "", where, what);
}

std::string ManifestReader::problems() const {
  if (count_ <= kShown) return text_;
  return fmt::format("{}\nand {} more", text_, count_ - kShown);
}

const Value* ManifestReader::member(const Value& object, std::string_view where,
                                    std::string_view name, bool needed) {
  const auto* found = object.find(name);
  if (found == nullptr && needed) complain(where, fmt::format("\"{}\" is missing", name));
  return found;
}

std::string ManifestReader::text(const Value& object, std::string_view where, std::string_view name,
                                 bool needed, std::size_t longest) {
  const auto* found = member(object, where, name, needed);
  if (found == nullptr) return {};
  const auto* string = found->string();
  if (string == nullptr || (needed && string->empty()) || string->size() > longest) {
    complain(where,
             fmt::format("\"{}\" must be text of {}..{} bytes", name, needed ? 1 : 0, longest));
    return {};
  }
  return *string;
}

bool ManifestReader::flag(const Value& object, std::string_view where, std::string_view name) {
  const auto* found = object.find(name);
  if (found == nullptr) return false;
  if (const auto* value = found->boolean()) return *value;
  complain(where, fmt::format("\"{}\" must be true or false", name));
  return false;
}

std::optional<Duration> ManifestReader::duration(const Value& object, std::string_view where,
                                                 std::string_view name) {
  const auto* found = object.find(name);
  if (found == nullptr) return std::nullopt;
  const auto* string = found->string();
  const auto parsed = string != nullptr ? parse_duration(*string) : std::nullopt;
  if (!parsed) complain(where, fmt::format("\"{}\" must be a duration such as \"15s\"", name));
  return parsed;
}

std::optional<double> ManifestReader::number(const Value& object, std::string_view where,
                                             std::string_view name) {
  const auto* found = object.find(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_number()) return found->number();
  complain(where, fmt::format("\"{}\" must be a number", name));
  return std::nullopt;
}

const json::Array& ManifestReader::list(const Value& object, std::string_view where,
                                        std::string_view name, bool needed) {
  static const json::Array empty;
  const auto* found = member(object, where, name, needed);
  if (found == nullptr) return empty;
  if (const auto* array = found->array()) return *array;
  complain(where, fmt::format("\"{}\" must be a list", name));
  return empty;
}

void ManifestReader::only(const Value& object, std::string_view where,
                          const std::vector<std::string>& known) {
  const auto* members = object.object();
  if (members == nullptr) return complain(where, "must be an object");
  for (const auto& [name, value] : *members) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = nearest(name, known);
    complain(where, fmt::format("unknown member \"{}\"{}", name,
                                near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
  }
}

}  // namespace unity
