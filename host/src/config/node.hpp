// A YAML document as a tree in which every value knows where it was written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.hpp"

namespace unity::host {

// A compact Location; the source must outlive it.
struct Place {
  const Source* source = nullptr;
  int line = 0;
  int column = 0;

  Location location() const { return {source->file, line, column}; }
};

struct Entry;

struct Node {
  enum class Kind { null, scalar, list, mapping };

  Kind kind = Kind::null;
  bool quoted = false;    // scalar: written in quotes or as a block, hence meant as text
  bool expanded = false;  // scalar: held ${…}; `text` is the outcome, `written` the original
  bool broken = false;    // scalar: a reference failed, which has been reported
  std::string text;
  std::string written;
  Place place;
  std::vector<Node> items;     // list
  std::vector<Entry> entries;  // mapping; keys are unique

  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
};

struct Entry {
  std::string key;
  Place key_place;
  Node value;
};

inline const Entry* Node::find(std::string_view key) const {
  for (const auto& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

inline Entry* Node::find(std::string_view key) {
  return const_cast<Entry*>(static_cast<const Node*>(this)->find(key));
}

}  // namespace unity::host
