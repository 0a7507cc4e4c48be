#include "check/report/report.hpp"

namespace unity::check {

std::string to_json(const Report& report) {
  json::Array rules;
  for (const auto& result : report.results) {
    json::Value entry = result.findings.to_json();
    json::Value rule;
    rule.set("id", result.rule->id);
    rule.set("name", result.rule->name);
    rule.set("meaning", result.rule->meaning);
    rule.set("verdict", to_text(result.verdict));
    if (const auto* findings = entry.find("findings")) rule.set("findings", *findings);
    rule.set("unsaid", static_cast<std::uint64_t>(result.findings.unsaid()));
    if (result.verdict >= Verdict::warn) rule.set("advice", result.rule->advice);
    if (!result.output.empty()) rule.set("output", result.output);
    rule.set("took_ms", std::chrono::duration<double, std::milli>(result.took).count());
    rules.push_back(std::move(rule));
  }
  json::Value counts;
  counts.set("pass", static_cast<std::uint64_t>(report.count(Verdict::pass)));
  counts.set("fail", static_cast<std::uint64_t>(report.count(Verdict::fail)));
  counts.set("warn", static_cast<std::uint64_t>(report.count(Verdict::warn)));
  counts.set("skip", static_cast<std::uint64_t>(report.count(Verdict::skip)));
  json::Value document;
  document.set("plugin", report.plugin.string());
  document.set("seed", std::to_string(report.seed));
  document.set("passed", report.count(Verdict::fail) == 0);
  document.set("counts", std::move(counts));
  document.set("rules", std::move(rules));
  return json::dump(document, json::Style::pretty) + "\n";
}

}  // namespace unity::check
