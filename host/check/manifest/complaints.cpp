#include "check/manifest/complaints.hpp"

#include "unity/core/model/manifest.hpp"

namespace unity::check {
namespace {

// A complaint begins with its place; what a schema has to say of itself goes on over more lines.
bool begins_one(std::string_view line) {
  return line.starts_with("/collectors/") || line.starts_with("/metrics/") ||
         line.starts_with("/datasets/") ||
         (!line.starts_with('/') && !line.starts_with("the schema"));
}

Complaint::About about(std::string_view line) {
  const auto place = line.substr(0, line.find(": "));
  if (place.starts_with("/metrics/")) return Complaint::About::metrics;
  if (place.starts_with("/collectors/") && place.find("/config") != place.npos) {
    return Complaint::About::config;
  }
  return line.starts_with("manifest: metric ") ? Complaint::About::metrics
                                               : Complaint::About::identity;
}

}  // namespace

std::vector<Complaint> manifest_complaints(const std::string& manifest_text) {
  const auto manifest = parse_manifest(manifest_text);
  if (manifest) return {};
  std::vector<Complaint> complaints;
  std::string_view rest = manifest.error().message;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (complaints.empty() || begins_one(line)) {
      complaints.push_back({about(line), std::string(line)});
    } else {
      complaints.back().text += "; " + std::string(line);
    }
  }
  return complaints;
}

}  // namespace unity::check
