#include "system/load.hpp"

namespace unity::plugins::system {

Load parse_load(const Text& text) {
  constexpr std::string_view wanted = "the load";
  Lines lines(text);
  if (!lines.next()) missing(wanted, text.path);
  Fields fields(lines.line());
  Load load;
  load.one = lines.number<double>(fields, wanted);
  load.five = lines.number<double>(fields, wanted);
  load.fifteen = lines.number<double>(fields, wanted);
  const auto counts = fields.next();  // "2/345"
  const auto slash = counts.find('/');
  if (slash == counts.npos || !parse_number(counts.substr(0, slash), load.runnable) ||
      !parse_number(counts.substr(slash + 1), load.threads)) {
    lines.malformed(wanted);
  }
  return load;
}

double parse_uptime(const Text& text) {
  constexpr std::string_view wanted = "the uptime";
  Lines lines(text);
  if (!lines.next()) missing(wanted, text.path);
  Fields fields(lines.line());
  return lines.number<double>(fields, wanted);
}

}  // namespace unity::plugins::system
