// Amounts in words, for people who look at a screen.
#pragma once

#include <cstdint>
#include <string>

#include "unity/core/base/time.hpp"

namespace unity::host {

// The two largest units: "4m12s", "3d4h", "1.5s", "250ms"; "0s" for nothing and for less.
std::string span_text(Duration span);
// "1,234,567".
std::string count_text(std::uint64_t count);
// "12.3 MB": three digits or a little more, in powers of 1000.
std::string bytes_text(std::uint64_t bytes);

}  // namespace unity::host
