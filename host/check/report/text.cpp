#include "check/report/report.hpp"

#include <algorithm>

namespace unity::check {
namespace {

constexpr std::size_t kOutputLines = 12;

// The last lines of what the process wrote, indented.
std::string last_lines(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  std::size_t from = text.size();
  for (std::size_t lines = 0; lines < kOutputLines && from != text.npos && from > 0; ++lines) {
    from = text.rfind('\n', from - 1);
    if (from == text.npos) break;
  }
  if (from != text.npos && from > 0) text.remove_prefix(std::min(from + 1, text.size()));
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out += fmt::format("         | {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

std::size_t Report::count(Verdict verdict) const {
  return static_cast<std::size_t>(std::count_if(
      results.begin(), results.end(), [&](const auto& one) { return one.verdict == verdict; }));
}

std::string to_text(const RuleResult& result) {
  const auto& rule = *result.rule;
  auto text = fmt::format("{:4} {:<4} {:<22} {}\n", to_text(result.verdict), rule.id, rule.name,
                          rule.meaning);
  for (const auto& finding : result.findings.all()) {
    text += fmt::format("       - {}\n", finding.text);
  }
  if (result.findings.unsaid() > 0) {
    text += fmt::format("       - and {} more\n", result.findings.unsaid());
  }
  if (result.verdict >= Verdict::warn) {
    text += fmt::format("       > {}\n", rule.advice);
    text += last_lines(result.output);
  }
  return text;
}

std::string summary_text(const Report& report) {
  return fmt::format("{}: {} passed, {} failed, {} with warnings, {} skipped; seed {}\n",
                     report.plugin.string(), report.count(Verdict::pass),
                     report.count(Verdict::fail), report.count(Verdict::warn),
                     report.count(Verdict::skip), report.seed);
}

}  // namespace unity::check
