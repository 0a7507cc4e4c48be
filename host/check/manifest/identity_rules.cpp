// B11, B12: that there is a manifest, and whose it is.
#include <algorithm>
#include <charconv>

#include "check/hostile/text.hpp"
#include "check/manifest/complaints.hpp"
#include "check/manifest/rules.hpp"
#include "plugin/elf_note.hpp"
#include "unity/core/json/value.hpp"
#include "unity/core/model/manifest.hpp"
#include "unity/plugin.h"

namespace unity::check {
namespace {

// "1.2.3" with an optional "-rc.1" or "+build".
bool is_version(std::string_view text) {
  text = text.substr(0, text.find_first_of("-+"));
  for (int parts = 0; parts < 3; ++parts) {
    unsigned number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (parts < 2) {
      if (!text.starts_with('.')) return false;
      text.remove_prefix(1);
    }
  }
  return text.empty();
}

// The form of an SPDX expression; the list of licences itself changes too often to be carried.
bool looks_like_spdx(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-.+ ()").find(c) != std::string_view::npos;
  });
}

}  // namespace

void check_manifest_note(const Context& context, Findings& findings) {
  const auto text = host::read_manifest_note(context.image);
  if (!text) return findings.fail("{}", text.error().message);
  if (!is_utf8(*text)) findings.fail("its manifest is not UTF-8");
  const auto document = json::parse(*text);
  if (!document) {
    findings.fail("its manifest is {}", document.error().message);
  } else if (document->object() == nullptr) {
    findings.fail("its manifest is no JSON object");
  }
  findings.remark("{} bytes of manifest", text->size());
}

void check_manifest_identity(const Context& context, Findings& findings) {
  const auto text = host::read_manifest_note(context.image);
  if (!text) return findings.fail("{}", text.error().message);
  for (const auto& complaint : manifest_complaints(*text)) {
    if (complaint.about == Complaint::About::identity) findings.fail("{}", complaint.text);
  }
  const auto document = json::parse(*text);
  if (!document) return;
  const auto member = [&](std::string_view name) {
    const auto* found = document->find(name);
    return found != nullptr && found->string() != nullptr ? *found->string() : std::string();
  };
  if (const auto id = member("id"); !id.empty() && id.find('.') == id.npos) {
    findings.fail("the id \"{}\" has no dot: put your domain before it, \"org.example.{}\"", id,
                  id);
  }
  if (const auto version = member("version"); !version.empty() && !is_version(version)) {
    findings.fail("the version \"{}\" is not of the form 1.2.3", version);
  }
  const auto license = member("license");
  if (license.empty()) {
    findings.warn("it names no license");
  } else if (!looks_like_spdx(license)) {
    findings.fail("the license \"{}\" is no SPDX expression such as \"Apache-2.0\"", license);
  }
  const auto manifest = parse_manifest(*text);
  if (!manifest) return;
  if (manifest->abi_min_major != (UNITY_ABI_LATEST >> 16) ||
      manifest->abi_min_minor > (UNITY_ABI_LATEST & 0xffff)) {
    findings.fail("it needs plugin ABI {}.{}; hosts of today offer {}.{}", manifest->abi_min_major,
                  manifest->abi_min_minor, UNITY_ABI_LATEST >> 16, UNITY_ABI_LATEST & 0xffff);
  }
}

}  // namespace unity::check
