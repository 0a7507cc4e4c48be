// What a plugin hands over, checked before anything of it is believed.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/ports/collector.hpp"
#include "unity/plugin.h"
#include "worker/runtime/first_size.hpp"

namespace unity::host {

inline std::string_view view(unity_str text) {
  return {text.ptr, static_cast<std::size_t>(text.len)};
}
inline std::string_view view(unity_str text, std::size_t longest) {
  return view(text).substr(0, longest);
}
inline unity_str to_abi(std::string_view text) { return {text.data(), text.size()}; }

// Parameter rule of the ABI: a tail that we do not know must be zero. One of an earlier minor is
// shorter; what 1.0 did not have is read only where UNITY_HAS says that it is there.
template <class Parameters>
unity_status check_parameters(const Parameters* theirs) {
  constexpr std::uint32_t struct_size_max = 4096;  // no parameter struct will ever be as long
  static_assert(kFirstSize<Parameters> > 0);
  if (theirs == nullptr || theirs->struct_size < kFirstSize<Parameters> ||
      theirs->struct_size > struct_size_max) {
    return UNITY_E_INVALID;
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(theirs);
  const auto known = std::min<std::size_t>(theirs->struct_size, sizeof(Parameters));
  const bool unknown = std::any_of(bytes + known, bytes + theirs->struct_size,
                                   [](unsigned char byte) { return byte != 0; });
  return unknown ? UNITY_E_TOO_NEW : UNITY_OK;
}

// Copies a batch; or says in `why` what is wrong with it. `datasets` are the names of those that
// the manifest declares, from number 1 on.
unity_status take_batch(const unity_batch* batch, const std::vector<std::string>& datasets,
                        Emission& emission, std::string& why);

RunClass class_of(unity_status status);

}  // namespace unity::host
