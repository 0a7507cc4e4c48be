#include "check/report/report.hpp"

namespace unity::check {
namespace {

// Text and attributes alike. Characters that XML has no form for become '?'.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        // Bytes of other scripts are left out of harm's way too: a plugin wrote them.
        out += c >= ' ' && c < 0x7f ? c : '?';
    }
  }
  return out;
}

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

std::string lines(const RuleResult& result) {
  std::string text;
  for (const auto& finding : result.findings.all()) text += finding.text + "\n";
  if (result.verdict >= Verdict::warn) text += std::string(result.rule->advice) + "\n";
  return text + result.output;
}

}  // namespace

std::string to_junit(const Report& report) {
  std::string cases;
  Duration total{};
  for (const auto& result : report.results) {
    total += result.took;
    cases += fmt::format(
        "    <testcase classname=\"unity.plugin.check.{}\" name=\"{} {}\" time=\"{:.3f}\">\n",
        result.rule->group(), result.rule->id, result.rule->name, seconds(result.took));
    const auto first =
        result.findings.all().empty() ? std::string() : result.findings.all().front().text;
    if (result.verdict == Verdict::fail) {
      cases += fmt::format("      <failure message=\"{}\">{}</failure>\n", escaped(first),
                           escaped(lines(result)));
    } else if (result.verdict == Verdict::skip) {
      cases += fmt::format("      <skipped message=\"{}\"/>\n", escaped(first));
    } else if (!result.findings.all().empty()) {
      cases += fmt::format("      <system-out>{}</system-out>\n", escaped(lines(result)));
    }
    cases += "    </testcase>\n";
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"{}\" "
      "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3f}\">\n{}  "
      "</testsuite>\n</testsuites>\n",
      escaped(report.plugin.string()), report.results.size(), report.count(Verdict::fail),
      report.count(Verdict::skip), seconds(total), cases);
}

}  // namespace unity::check
