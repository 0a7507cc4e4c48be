// Does not compile: each wrong signature is answered with one sentence. See CMakeLists.txt.
#include "unity/plugin.hpp"

namespace sdk = unity::sdk;

class Wrong {
 public:
#if defined(WRONG_CONSTRUCTOR)
  Wrong(sdk::Host) {}
#else
  Wrong(sdk::Host, const sdk::Options&) {}
#endif
#if defined(WRONG_COLLECT)
  void collect() {}
#elif !defined(RIGHT_STREAM)
  void collect(sdk::Call) {}
#endif
#if defined(WRONG_INTERRUPT)
  void interrupt(int) {}
#elif defined(WRONG_RECONFIGURE)
  void reconfigure(sdk::Options&) {}
#elif defined(RIGHT_STREAM)
  void stream(sdk::Call, sdk::Stream) {}
#endif
#if defined(WRONG_PROBE)
 private:
  void probe(sdk::Call) {}
#endif
};

#if defined(WRONG_STREAM) || defined(RIGHT_STREAM)
constexpr auto kWrong = sdk::streaming<Wrong>("wrong");
#else
constexpr auto kWrong = sdk::polled<Wrong>("wrong");
#endif
