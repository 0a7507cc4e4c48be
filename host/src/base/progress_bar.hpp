// One line about long work for a person who waits: how far, how fast, how long still. Pure: told
// what time it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "unity/core/base/time.hpp"

namespace unity::host {

class ProgressBar {
 public:
  // The line to show for `done` of `total` things, at most `width` columns wide; nothing if it was
  // shown a moment ago. Work with another name begins at nothing.
  std::optional<std::string> line(Instant now, std::string_view work, std::string_view part,
                                  std::uint64_t done, std::uint64_t total, std::size_t width);

 private:
  std::string work_;
  Instant began_{};
  Instant shown_{};
};

}  // namespace unity::host
