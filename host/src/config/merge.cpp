#include "config/merge.hpp"

#include <iterator>
#include <utility>

namespace unity::host {
namespace {

constexpr std::string_view kJoined = "collectors";

void merge_value(Node& base, Node over, bool join_lists);

void merge_entries(Node& base, Node over, bool at_top) {
  for (auto& entry : over.entries) {
    if (auto* existing = base.find(entry.key)) {
      const bool joined = at_top && entry.key == kJoined;
      merge_value(existing->value, std::move(entry.value), joined);
    } else {
      base.entries.push_back(std::move(entry));
    }
  }
}

void merge_value(Node& base, Node over, bool join_lists) {
  if (over.kind == Node::Kind::null) return;
  if (base.kind == Node::Kind::mapping && over.kind == Node::Kind::mapping) {
    merge_entries(base, std::move(over), false);
  } else if (join_lists && base.kind == Node::Kind::list && over.kind == Node::Kind::list) {
    base.items.insert(base.items.end(), std::make_move_iterator(over.items.begin()),
                      std::make_move_iterator(over.items.end()));
  } else {
    base = std::move(over);
  }
}

}  // namespace

void merge_over(Node& base, Node over) {
  if (base.kind == Node::Kind::mapping && over.kind == Node::Kind::mapping) {
    merge_entries(base, std::move(over), true);
  } else {
    merge_value(base, std::move(over), false);
  }
}

}  // namespace unity::host
