#include "plugin/bundled.hpp"

#include <algorithm>
#include <string_view>

#include "bundled_hashes.inc"

namespace unity::host {

bool is_bundled(const Sha256& hash) {
  const auto hex = to_hex(hash);
  return std::any_of(std::begin(kBundledHashes), std::end(kBundledHashes),
                     [&](std::string_view one) { return one == hex; });
}

}  // namespace unity::host
