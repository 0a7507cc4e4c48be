// The configuration of an instance as the host would pass it: the operator's options, and the
// manifest's defaults for the rest.
#pragma once

#include <stdexcept>
#include <string>

#include "support/fake_host.hpp"
#include "unity/core/json/value.hpp"

namespace unity::testing {

inline json::Value parse_or_throw(const std::string& text) {
  auto value = json::parse(text);
  if (!value) throw std::runtime_error(value.error().message + ": " + text);
  return *value;
}

inline std::string with_defaults(const std::string& library, const std::string& options) {
  const auto& manifest = FakeHost::load(library)->manifest;
  const auto document = parse_or_throw({manifest.ptr, static_cast<std::size_t>(manifest.len)});
  const auto& collector = document.find("collectors")->array()->front();
  auto config = parse_or_throw(options);
  for (const auto& [name, schema] : *collector.find("config")->find("properties")->object()) {
    if (config.find(name) == nullptr) config.set(name, *schema.find("default"));
  }
  return json::dump(config);
}

}  // namespace unity::testing
