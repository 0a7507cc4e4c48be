// Where the value of a secret comes from. Values themselves are read by plugin/secret_store.hpp.
#pragma once

#include <cstdint>
#include <string>

#include "config/diagnostics.hpp"

namespace unity::host {

struct SecretConfig {
  enum class Source : std::uint8_t { file, environment, value };

  std::string name;
  Source source = Source::value;
  std::string place;  // the path of the file, or the name of the variable
  std::string value;  // unless it is a file; never shown
  // Another one if the value is another one, within this process; tells nothing of the value.
  std::string fingerprint;
  Location location;  // of its entry
};

}  // namespace unity::host
