#include "config/yaml_parser.hpp"

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>

#include "config/text.hpp"
#include "config/tree_builder.hpp"

namespace unity::host {
namespace {

Location location_at(const Source& source, std::size_t offset) {
  const auto before = std::string_view(source.text).substr(0, offset);
  const auto last_break = before.rfind('\n');
  const auto line_start = last_break == before.npos ? 0 : last_break + 1;
  return {source.file, static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(offset - line_start) + 1};
}

// yaml-cpp calls a tab in the indentation an "illegal map value", there or on the next line.
std::optional<Location> tab_near(const Source& source, const Location& place) {
  std::istringstream lines(source.text);
  std::string line;
  for (int number = 1; number <= place.line && std::getline(lines, line); ++number) {
    const auto tab = line.substr(0, line.find_first_not_of(" \t")).find('\t');
    if (number + 1 < place.line || tab == line.npos) continue;
    return Location{source.file, number, static_cast<int>(tab) + 1};
  }
  return std::nullopt;
}

// The braces of a reference and those of YAML do not mix.
constexpr auto kQuoteReferences = "; within { } or [ ] a reference needs quotes: \"${NAME}\"";

bool has_reference(const Source& source, int line) {
  std::istringstream lines(source.text);
  std::string text;
  for (int number = 1; number <= line; ++number) {
    if (!std::getline(lines, text)) return false;
  }
  return text.find("${") != text.npos;
}

void report_syntax(const Source& source, const YAML::Exception& error, Diagnostics& diagnostics) {
  const Location place{source.file, error.mark.line + 1, error.mark.column + 1};
  if (const auto tab = tab_near(source, place)) {
    diagnostics.error(*tab, "a tab in the indentation; YAML wants spaces");
  } else {
    diagnostics.error(place,
                      fmt::format("not valid YAML: {}{}", error.msg,
                                  has_reference(source, place.line) ? kQuoteReferences : ""));
  }
}

}  // namespace

std::optional<Node> parse_yaml(const Source& source, Diagnostics& diagnostics) {
  // Also keeps yaml-cpp from guessing UTF-16 and from taking byte 4 for the end of the file.
  if (const auto bad = find_bad_byte(source.text)) {
    diagnostics.error(location_at(source, *bad),
                      "not a text file: neither UTF-8 nor printable from here on");
    return std::nullopt;
  }
  TreeBuilder builder(source, diagnostics);
  try {
    std::istringstream in(source.text);
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) return builder.take();
    // A second document ends this by an exception of the builder.
    parser.HandleNextDocument(builder);
    return builder.take();
  } catch (const YAML::Exception& error) {
    report_syntax(source, error, diagnostics);
  } catch (const std::exception& error) {
    diagnostics.error({source.file}, fmt::format("cannot be read as YAML: {}", error.what()));
  }
  return std::nullopt;
}

}  // namespace unity::host
