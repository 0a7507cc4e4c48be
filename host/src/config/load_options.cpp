#include "config/load_options.hpp"

#include <fmt/format.h>

#include "config/files.hpp"
#include "config/options.hpp"
#include "config/yaml_parser.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kSizeMax = std::size_t{1} << 20;

}  // namespace

OptionsOutcome load_options(const std::filesystem::path& file) {
  OptionsOutcome outcome;
  Diagnostics diagnostics;
  auto text = read_file(file, kSizeMax);
  if (!text) {
    diagnostics.error({file.string(), 0, 0}, "cannot read it: " + text.error().message);
  } else {
    const auto& source = outcome.sources.add(file.string(), std::move(*text));
    const auto root = parse_yaml(source, diagnostics);
    if (root && root->kind != Node::Kind::mapping && root->kind != Node::Kind::null) {
      diagnostics.error(root->place.location(), "the options must be a mapping of names to values");
    } else if (root) {
      outcome.instance.emplace();
      outcome.instance->location = {file.string(), 1, 1};
      if (root->kind == Node::Kind::mapping) {
        outcome.instance->options = read_options(*root);
      }
    }
  }
  outcome.diagnostics = diagnostics.take(outcome.sources);
  if (!outcome.diagnostics.empty()) outcome.instance.reset();
  return outcome;
}

}  // namespace unity::host
