#include "config/expand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "config/files.hpp"
#include "config/text.hpp"
#include "unity/core/base/result.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kLargestFile = 64 * 1024;
constexpr std::string_view kFile = "file:";

Error invalid(std::string message) { return {Errc::invalid, std::move(message)}; }

bool is_variable_name(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         name.find_first_of(".-") == name.npos && is_name(name);
}

Result<std::string> file_text(std::string_view path) {
  if (!path.starts_with('/')) {
    return invalid(fmt::format("${{file:{}}} must name the file with its full path", path));
  }
  auto text = read_file(std::filesystem::path(path), kLargestFile);
  if (!text) return invalid(fmt::format("the file {} {}", path, text.error().message));
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (find_bad_byte(*text)) return invalid(fmt::format("the file {} is not text", path));
  return text;
}

// `reference` is what stands between the braces.
Result<std::string> resolve(std::string_view reference, const Environment& environment) {
  if (reference.starts_with(kFile)) return file_text(reference.substr(kFile.size()));
  const auto mark = reference.find(":-");
  const auto name = reference.substr(0, mark);
  if (!is_variable_name(name)) {
    return invalid(
        fmt::format("${{{}}} is not a reference; write ${{NAME}}, ${{NAME:-default}} or "
                    "${{file:/path}}, and $${{ for the characters themselves",
                    reference));
  }
  const auto found = environment.find(name);
  // As in the shell, a default also replaces an empty value.
  if (mark != reference.npos && (found == environment.end() || found->second.empty())) {
    return std::string(reference.substr(mark + 2));
  }
  if (found == environment.end()) {
    return invalid(
        fmt::format("the environment variable {} is not set; set it, or give a default: "
                    "${{{}:-default}}",
                    name, name));
  }
  if (find_bad_byte(found->second)) {
    return invalid(fmt::format("the environment variable {} does not hold UTF-8 text", name));
  }
  return found->second;
}

Result<std::string> expand_text(std::string_view text, const Environment& environment) {
  std::string out;
  while (true) {
    const auto start = text.find("${");
    if (start == text.npos) return out.append(text);
    if (start > 0 && text[start - 1] == '$') {
      out.append(text.substr(0, start)).append("{");
      text.remove_prefix(start + 2);
      continue;
    }
    const auto end = text.find('}', start);
    if (end == text.npos) return invalid("a closing brace is missing after ${");
    const auto value = resolve(text.substr(start + 2, end - start - 2), environment);
    if (!value) return value.error();
    out.append(text.substr(0, start)).append(*value);
    text.remove_prefix(end + 1);
  }
}

}  // namespace

void expand_references(Node& node, const Environment& environment, Diagnostics& diagnostics) {
  for (auto& item : node.items) expand_references(item, environment, diagnostics);
  for (auto& entry : node.entries) expand_references(entry.value, environment, diagnostics);
  if (node.kind != Node::Kind::scalar || node.text.find("${") == node.text.npos) return;

  auto text = expand_text(node.text, environment);
  if (!text) {
    diagnostics.error(node.place.location(), text.error().message);
    node.broken = true;
    return;
  }
  node.written = std::exchange(node.text, std::move(*text));
  node.expanded = true;
}

}  // namespace unity::host
