// What a writer does after a failed write: by the class of the error, with a back-off that grows
// and a circuit that opens. The caller says what the jitter is, so every case can be tested.
#pragma once

#include <cstdint>
#include <string_view>

#include "unity/core/base/result.hpp"
#include "unity/core/base/time.hpp"

namespace unity {

// closed: writes are made. open: the storage keeps failing; between single attempts, nothing else
// is asked of it. paused: it answers, but with an error that time alone does not heal; it is tried
// again slowly.
enum class Circuit : std::uint8_t { closed, open, paused };
std::string_view to_text(Circuit circuit);

struct WriteDecision {
  enum class Action : std::uint8_t {
    retry,   // the same records again, after `delay`
    split,   // at once, in parts: some record among them is bad
    reject,  // the one record that was tried is bad
  };
  Action action = Action::retry;
  Duration delay{};
};

class WriteRetry {
 public:
  static constexpr Duration kDelay = std::chrono::milliseconds(100);
  static constexpr Duration kDelayMax = std::chrono::seconds(30);
  static constexpr Duration kPause = std::chrono::seconds(60);
  static constexpr std::uint64_t kOpenAfter = 5;   // failures in a row
  static constexpr std::uint64_t kUnknownMax = 5;  // attempts at an error nobody knows

  // A write of `records` records failed. `jitter` is drawn from [0, 1).
  WriteDecision failed(Errc error, std::size_t records, double jitter);
  void succeeded();

  Circuit circuit() const { return circuit_; }
  std::uint64_t failures() const { return failures_; }  // since the last success

 private:
  std::uint64_t failures_ = 0;
  std::uint64_t unknown_ = 0;
  Circuit circuit_ = Circuit::closed;
};

}  // namespace unity
