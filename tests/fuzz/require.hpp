// What a fuzz target holds to be true of every answer. A breach ends the process, which libFuzzer
// and the plain main take for a crash.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace unity::fuzz {

// `what` says what should have been true.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace unity::fuzz
