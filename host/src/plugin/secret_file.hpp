// Reads the file of a secret, if it is kept as a secret should be.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "plugin/locked_text.hpp"
#include "unity/core/base/result.hpp"

namespace unity::host {

inline constexpr std::size_t kSecretSizeMax = std::size_t{64} << 10;

// Without one line break at its end. Errc::refused: everybody may read or write it, or it is the
// host's own and its group may. The message names the file, and nothing of what is in it.
Result<LockedText> read_secret_file(const std::filesystem::path& path);

// Tells whether two values are the same, and nothing else: salted anew by each process.
std::string secret_fingerprint(std::string_view value);

}  // namespace unity::host
