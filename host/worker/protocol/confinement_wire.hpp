// A confinement as bytes: the host says what a worker may, before the worker runs anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "worker/confine/confinement.hpp"

namespace unity::host {

std::string encode(const worker::Confinement& confinement);
// Nothing if the bytes are not whole.
std::optional<worker::Confinement> decode_confinement(std::string_view bytes);

}  // namespace unity::host
