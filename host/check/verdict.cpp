#include "check/verdict.hpp"

#include <algorithm>
#include <array>

namespace unity::check {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"PASS", "SKIP", "WARN", "FAIL"};

Verdict verdict_of(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  return found != kNames.end() ? static_cast<Verdict>(found - kNames.begin()) : Verdict::fail;
}

}  // namespace

std::string_view to_text(Verdict verdict) { return kNames[static_cast<std::size_t>(verdict)]; }

void Findings::add(Verdict verdict, std::string text) {
  const auto same = [&](const Finding& known) {
    return known.verdict == verdict && known.text == text;
  };
  if (std::any_of(findings_.begin(), findings_.end(), same)) return;
  if (findings_.size() < kFindingsMax) {
    findings_.push_back({verdict, std::move(text)});
    return;
  }
  ++unsaid_;
  // What is left unsaid must not be the worst of it.
  if (verdict > this->verdict()) findings_.back() = {verdict, std::move(text)};
}

Verdict Findings::verdict() const {
  auto worst = Verdict::pass;
  for (const auto& finding : findings_) worst = std::max(worst, finding.verdict);
  return worst;
}

json::Value Findings::to_json() const {
  json::Array list;
  for (const auto& finding : findings_) {
    json::Value entry;
    entry.set("verdict", to_text(finding.verdict));
    entry.set("text", finding.text);
    list.push_back(std::move(entry));
  }
  json::Value value;
  value.set("findings", std::move(list));
  value.set("unsaid", static_cast<std::uint64_t>(unsaid_));
  return value;
}

Findings Findings::from_json(const json::Value& value) {
  Findings findings;
  const auto* list = value.find("findings");
  if (list == nullptr || list->array() == nullptr) {
    findings.fail("the check left no verdict that can be read");
    return findings;
  }
  for (const auto& entry : *list->array()) {
    const auto* verdict = entry.find("verdict");
    const auto* text = entry.find("text");
    if (verdict == nullptr || verdict->string() == nullptr || text == nullptr ||
        text->string() == nullptr) {
      continue;
    }
    findings.findings_.push_back({verdict_of(*verdict->string()), *text->string()});
  }
  if (const auto* unsaid = value.find("unsaid")) {
    findings.unsaid_ = static_cast<std::size_t>(unsaid->integer());
  }
  return findings;
}

}  // namespace unity::check
