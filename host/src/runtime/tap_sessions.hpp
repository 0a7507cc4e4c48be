// Taps for people who ask again and again, over the control socket: what came since they last
// asked, or a little later, once something has come.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/event_loop.hpp"
#include "runtime/taps.hpp"

namespace unity::host {

// What came since the last time, as lines of JSON (see Taps).
struct TapLines {
  std::uint64_t session = 0;
  std::vector<std::string> lines;
  std::uint64_t skipped = 0;  // lines that there was no room for
};

// Used on the control thread; records come on pool threads.
class TapSessions {
 public:
  static constexpr std::size_t kLinesMax = 10'000;  // that wait to be fetched, for each session
  static constexpr std::size_t kSessionsMax = 16;
  static constexpr Duration kWait = std::chrono::milliseconds(500);   // for something to come
  static constexpr Duration kForgetAfter = std::chrono::seconds(10);  // who does not ask any more

  TapSessions(EventLoop& loop, Taps& taps);
  ~TapSessions();

  using Done = std::function<void(Result<TapLines>)>;
  // Begins a session, or goes on with one: then `request` does not count.
  void begin(TapRequest request, const Done& done);
  void fetch(std::uint64_t session, Done done);

 private:
  struct Buffer;  // shared with the pool threads
  struct Session {
    std::uint64_t tap = 0;
    std::shared_ptr<Buffer> buffer;
    Done waiting;
    Instant asked{};
  };

  void answer(std::uint64_t id);
  void look_after();

  EventLoop& loop_;
  Taps& taps_;
  Timer timer_;
  std::map<std::uint64_t, Session> sessions_;
  std::uint64_t next_id_ = 1;
};

}  // namespace unity::host
