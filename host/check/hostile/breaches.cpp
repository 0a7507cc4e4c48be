#include "check/hostile/breaches.hpp"

#include <algorithm>

namespace unity::check {

void Breaches::add(Breach kind, std::string text) {
  const std::lock_guard lock(mutex_);
  const std::pair entry(kind, std::move(text));
  if (seen_.size() < kKeptMax && std::find(seen_.begin(), seen_.end(), entry) == seen_.end()) {
    seen_.push_back(entry);
  }
}

void Breaches::report(Breach kind, Findings& findings) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [seen, text] : seen_) {
    if (seen == kind) findings.fail("{}", text);
  }
}

std::size_t Breaches::count(Breach kind) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      seen_.begin(), seen_.end(), [&](const auto& entry) { return entry.first == kind; }));
}

}  // namespace unity::check
