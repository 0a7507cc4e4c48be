#include "config/tree_builder.hpp"

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <string_view>

namespace unity::host {
namespace {

constexpr std::size_t kMostNodes = 1'000'000;  // aliases count as what they stand for
constexpr std::size_t kDeepest = 100;

[[noreturn]] void fail(const YAML::Mark& mark, const std::string& message) {
  throw YAML::ParserException(mark, message);
}

std::size_t size_of(const Node& node) {
  std::size_t size = 1;
  for (const auto& item : node.items) size += size_of(item);
  for (const auto& entry : node.entries) size += size_of(entry.value);
  return size;
}

std::size_t height_of(const Node& node) {
  std::size_t below = 0;
  for (const auto& item : node.items) below = std::max(below, height_of(item));
  for (const auto& entry : node.entries) below = std::max(below, height_of(entry.value));
  return below + 1;
}

// The offset of the value of a node whose anchor or tag starts at `at`.
std::size_t skip_properties(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    at = std::min(text.find_first_of(" \n\r\t", at), text.size());
    at = std::min(text.find_first_not_of(" \n\r\t", at), text.size());
  }
  return at;
}

// yaml-cpp 0.7 takes the end of the file for the closing quote, and with it everything that was
// meant to come after.
bool lacks_closing_quote(std::string_view text, std::size_t start) {
  auto at = skip_properties(text, start);
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return false;
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote && quote == '\'' && text.substr(at + 1, 1) == "'") {
      ++at;
    } else if (text[at] == quote) {
      return false;
    }
  }
  return true;
}

void check_tag(const YAML::Mark& mark, const std::string& tag) {
  // "?" and "": none was written; "!": quotes; the rest YAML's own types.
  if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
  fail(mark, fmt::format("the tag {} has no meaning here; remove it", tag));
}

}  // namespace

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (started_) fail(mark, "a second document; write one document a file (use conf.d/ for more)");
  started_ = true;
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (expects_key()) fail(mark, "a key is missing before the colon");
  put(make(mark, Node::Kind::null), anchor, mark);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (expects_key()) fail(mark, "a key must be text, not an alias");
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) fail(mark, "the alias stands within the thing that it repeats");
  if (open_.size() + found->second.height > kDeepest) {
    fail(mark, fmt::format("nested more than {} deep", kDeepest));
  }
  spend(found->second.size, mark);
  put(found->second.node, 0, mark);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  check_tag(mark, tag);
  if (value.find('\0') != value.npos) fail(mark, "the text contains a NUL character");
  if (lacks_closing_quote(source_.text, static_cast<std::size_t>(mark.pos))) {
    fail(mark, "the closing quote is missing");
  }
  if (expects_key()) return take_key(mark, value);
  Node node = make(mark, Node::Kind::scalar);
  node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
  node.text = value;
  put(std::move(node), anchor, mark);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  open(mark, tag, anchor, Node::Kind::list);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  open(mark, tag, anchor, Node::Kind::mapping);
}

bool TreeBuilder::expects_key() const {
  return !open_.empty() && open_.back().node.kind == Node::Kind::mapping && !open_.back().has_key;
}

void TreeBuilder::open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       Node::Kind kind) {
  check_tag(mark, tag);
  if (expects_key()) fail(mark, "a key must be text, not a list or a mapping");
  if (open_.size() >= kDeepest) fail(mark, fmt::format("nested more than {} deep", kDeepest));
  Open& opened = open_.emplace_back();
  opened.node = make(mark, kind);
  opened.anchor = anchor;
}

void TreeBuilder::close() {
  Open done = std::move(open_.back());
  open_.pop_back();
  YAML::Mark mark;
  mark.line = done.node.place.line - 1;
  mark.column = done.node.place.column - 1;
  put(std::move(done.node), done.anchor, mark);
}

void TreeBuilder::take_key(const YAML::Mark& mark, const std::string& key) {
  if (key == "<<") fail(mark, "merge keys (<<) are not supported; write the keys out");
  Open& mapping = open_.back();
  mapping.has_key = true;
  mapping.key = key;
  mapping.key_place = {&source_, mark.line + 1, mark.column + 1};
  const auto [first, is_new] = mapping.key_lines.emplace(key, mark.line + 1);
  mapping.duplicate = !is_new;
  if (is_new) return;
  diagnostics_.error(mapping.key_place.location(),
                     fmt::format("`{}` appears twice in this mapping, first in line {}; remove one",
                                 key, first->second));
}

void TreeBuilder::put(Node node, YAML::anchor_t anchor, const YAML::Mark& mark) {
  spend(1, mark);
  if (anchor != 0) {
    Anchored anchored{node, size_of(node), height_of(node)};
    spend(anchored.size, mark);
    anchors_.insert_or_assign(anchor, std::move(anchored));
  }
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Open& parent = open_.back();
  if (parent.node.kind == Node::Kind::list) {
    parent.node.items.push_back(std::move(node));
    return;
  }
  parent.has_key = false;
  if (parent.duplicate) return;
  parent.node.entries.push_back({std::move(parent.key), parent.key_place, std::move(node)});
}

void TreeBuilder::spend(std::size_t nodes, const YAML::Mark& mark) {
  spent_ += nodes;
  if (spent_ > kMostNodes) {
    fail(mark,
         fmt::format("more than {} values, aliases counted as what they stand for", kMostNodes));
  }
}

Node TreeBuilder::make(const YAML::Mark& mark, Node::Kind kind) const {
  Node node;
  node.kind = kind;
  node.place = {&source_, mark.line + 1, mark.column + 1};
  return node;
}

}  // namespace unity::host
