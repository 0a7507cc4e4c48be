// Reads typed values from a tree. Each function returns nothing if the value is not what is asked
// for, and has then said so; the callers go on, so that everything wrong is found in one go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.hpp"
#include "unity/core/base/time.hpp"
#include "unity/core/model/record.hpp"

namespace unity::host {

class Reader;

// One key of a section: what it is called and what reads its value into the section.
template <class Section>
struct Key {
  const char* name;
  void (*read)(Reader&, const Entry&, Section&);
  bool later = false;          // known and checked, but without effect in this version: warns
  const char* gone = nullptr;  // known once, an error now: what to do instead; `read` is null
};

class Reader {
 public:
  // Relative paths are resolved against `base`.
  Reader(std::filesystem::path base, Diagnostics& diagnostics)
      : base_(std::move(base)), diagnostics_(diagnostics) {}

  std::optional<std::string> text(const Entry& entry);  // not empty
  std::optional<std::string> text_or_empty(const Entry& entry);
  std::optional<std::string> name(const Entry& entry);  // fit for an id
  std::optional<bool> flag(const Entry& entry);
  std::optional<std::int64_t> whole(const Entry& entry, std::int64_t least, std::int64_t most);
  std::optional<double> number(const Entry& entry, double least, double most);
  std::optional<Duration> duration(const Entry& entry, Duration least, Duration most);
  std::optional<std::uint64_t> size(const Entry& entry, std::uint64_t least, std::uint64_t most);
  std::optional<std::string> choice(const Entry& entry,
                                    std::initializer_list<std::string_view> choices);
  std::optional<std::filesystem::path> path(const Entry& entry);
  std::optional<std::vector<std::filesystem::path>> paths(const Entry& entry);
  std::optional<Tags> tags(const Entry& entry);

  // Reads a mapping by its table of keys. A section without content is an empty one.
  template <class Section, std::size_t N>
  void section(const Entry& entry, const Key<Section> (&keys)[N], Section& into) {
    if (is_section(entry)) mapping(entry.value, "`" + entry.key + "`", keys, into);
  }
  // `what` names the mapping in messages.
  template <class Section, std::size_t N>
  void mapping(const Node& node, std::string_view what, const Key<Section> (&keys)[N],
               Section& into);

  void error(const Place& place, std::string message);
  void warning(const Place& place, std::string message);
  Diagnostics& diagnostics() { return diagnostics_; }

 private:
  bool is_section(const Entry& entry);
  // The scalar, or nothing after saying that `entry` must be `what`.
  const Node* scalar(const Entry& entry, std::string_view what);
  const Node* unquoted(const Entry& entry, std::string_view what);
  void must_be(const Entry& entry, std::string_view what);
  std::filesystem::path resolve(const std::string& path) const;
  void unknown_key(const Entry& entry, std::string_view what, std::span<const std::string> known);
  void not_yet(const Entry& entry);
  void key_is_gone(const Entry& entry, std::string_view instead);

  std::filesystem::path base_;
  Diagnostics& diagnostics_;
};

// Keeps the default if nothing valid was read.
template <class Target, class Value>
void assign(Target& target, std::optional<Value> value) {
  if (value) target = static_cast<Target>(std::move(*value));
}

template <class Section, std::size_t N>
void Reader::mapping(const Node& node, std::string_view what, const Key<Section> (&keys)[N],
                     Section& into) {
  for (const auto& entry : node.entries) {
    const Key<Section>* found = nullptr;
    for (const auto& key : keys) {
      if (entry.key == key.name) found = &key;
    }
    if (found == nullptr) {
      std::vector<std::string> names;
      for (const auto& key : keys) {
        if (key.gone == nullptr) names.emplace_back(key.name);
      }
      unknown_key(entry, what, names);
      continue;
    }
    if (found->gone != nullptr) {
      key_is_gone(entry, found->gone);
      continue;
    }
    if (found->later) not_yet(entry);
    found->read(*this, entry, into);
  }
}

}  // namespace unity::host
