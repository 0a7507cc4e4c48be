// Lets an allocation fail. Linking it replaces operator new of the whole test program.
#pragma once

#include <cstddef>

namespace unity::testing {

// The n-th allocation from now, of this thread, throws std::bad_alloc. 0: none does.
void fail_allocation(std::size_t n);

}  // namespace unity::testing
