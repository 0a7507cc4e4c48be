// Builds a tree from yaml-cpp's events. Private to yaml_parser.cpp.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/node.hpp"

namespace unity::host {

// Throws YAML::ParserException for what makes the rest of the text meaningless; what does not,
// such as a duplicate key, goes to the diagnostics.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const Source& source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics) {
    root_.place = {&source, 1, 1};
  }

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

 private:
  // A list or mapping that is not complete yet.
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;    // mapping: the next value belongs to `key`
    bool duplicate = false;  // ... which has been there before, so that the value is left out
    std::string key;
    Place key_place;
    std::unordered_map<std::string, int> key_lines;
  };
  struct Anchored {
    Node node;
    std::size_t size = 0;
    std::size_t height = 0;
  };

  bool expects_key() const;
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind);
  void close();
  void take_key(const YAML::Mark& mark, const std::string& key);
  void put(Node node, YAML::anchor_t anchor, const YAML::Mark& mark);
  void spend(std::size_t nodes, const YAML::Mark& mark);
  Node make(const YAML::Mark& mark, Node::Kind kind) const;

  const Source& source_;
  Diagnostics& diagnostics_;
  Node root_;
  bool started_ = false;
  std::vector<Open> open_;  // outermost first
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t spent_ = 0;
};

}  // namespace unity::host
