// What the host's own reader of manifests complains of, told apart by what it concerns.
#pragma once

#include <string>
#include <vector>

namespace unity::check {

struct Complaint {
  enum class About { identity, config, metrics };
  About about;
  std::string text;
};

// Empty if the host would take the manifest.
std::vector<Complaint> manifest_complaints(const std::string& manifest_text);

}  // namespace unity::check
