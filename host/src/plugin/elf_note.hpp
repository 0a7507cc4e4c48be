// Reads a plugin's manifest out of its ELF image without running any of it.
#pragma once

#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"

namespace unity::host {

// `image` is the whole file. Checks that it is a complete 64-bit shared library for this machine,
// then returns the text of the note with owner "UNITY", type 1. Every offset in the file is
// treated as hostile.
Result<std::string> read_manifest_note(std::string_view image);

}  // namespace unity::host
