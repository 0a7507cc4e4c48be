// Says of a crash in this process what the command that started it could not know: at which
// address, and what lay there.
#pragma once

#include <cstddef>

#include "check/shared_page.hpp"

namespace unity::check {

// From now on. On a stack of its own, so that a stack overflow is told as well.
void install_crash_handler(SharedPage* page);

// The code of the plugin, to say whether a crash was in it.
void set_plugin_code(const void* begin, const void* end);

// An address range that a plugin must not touch, and what to say if it does. The text is kept by
// its pointer. At most kForbiddenMax are known; later ones replace the oldest.
inline constexpr std::size_t kForbiddenMax = 4096;
void add_forbidden(const void* begin, std::size_t size, const char* text);

}  // namespace unity::check
