// One instance of a collector, and the calls that a host makes into it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "check/entry/library.hpp"
#include "check/hostile/world.hpp"

namespace unity::check {

// Beyond the grace: what is late is measured and told by those who ask; what never returns ends
// here.
inline constexpr Duration kReturnSlack = std::chrono::seconds(3);

// What a call came to.
struct Outcome {
  unity_status status = UNITY_OK;
  bool threw = false;
  std::vector<Batch> batches;
  std::optional<Failure> failure;
  unity_status refused = UNITY_OK;  // what the host first answered with an error, if it did
  Duration took{};
  bool cancelled = false;  // its token was fired

  bool gave_a_reason() const { return failure && !failure->message.empty(); }
  // It did what it was asked for, which may have been to stop.
  bool good() const { return status >= 0 || (cancelled && status == UNITY_E_CANCELLED); }

  // "UNITY_E_CONFIG: no such host".
  std::string text() const;
};
std::string status_text(unity_status status);

struct CallTerms {
  std::optional<std::int64_t> deadline_ns;  // from now, may lie in the past; none: 0, no deadline
  bool cancelled = false;                   // before it begins
  // By when the host fires the token if the call has not returned; none: by itself, never.
  std::optional<Duration> patience = std::chrono::seconds(5);
};

class Instance {
 public:
  Instance(const Collector& collector, std::string name, std::string config,
           std::string checkpoint = {});
  // Destroys the instance if create() made one.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const std::string& name() const { return side_->name; }
  const std::string& config() const { return config_; }
  bool made() const { return instance_ != nullptr; }

  const Collector& collector() const { return collector_; }

  Outcome create(const CallTerms& terms = {});
  Outcome collect(const CallTerms& terms = {});
  Outcome reconfigure(const std::string& config);  // only if the table has it
  Outcome probe();                                 // only if the table has it
  Duration interrupt();                            // any thread; only if the table has it
  void destroy();

  // collect(), or a stream() that is cancelled a moment after it is ready.
  Outcome work(const CallTerms& terms = {});

  // Fires the token of the call in flight; any thread. False if there is none.
  bool cancel();

 private:
  friend class Streaming;
  template <class Body>
  Outcome call(const char* function, const CallTerms& terms, Body body);

  const Collector& collector_;
  std::string config_;
  std::string checkpoint_;
  std::shared_ptr<HostSide> side_;
  unity_host* host_ = nullptr;
  unity_instance* instance_ = nullptr;
  std::mutex mutex_;
  std::shared_ptr<CallSide> in_flight_;  // under the mutex
};

// A stream() on a thread of its own, as the ABI promises.
class Streaming {
 public:
  explicit Streaming(Instance& instance, const CallTerms& terms = {});
  ~Streaming();

  // Waits, but no longer than this, until so many batches were accepted since the beginning (and,
  // if there are none wanted, until ready() was said) or the call is over.
  bool wait_for(std::uint64_t batches, Duration most);
  // ... until a batch was pushed back or the call is over.
  bool wait_for_push_back(Duration most);
  bool over() const { return over_; }
  std::size_t ready() const;
  std::uint64_t accepted() const;
  std::uint64_t pushed_back() const;
  // Takes what waits: there is room again.
  void drain();
  // Cancels, waits for the return, and says what came of it.
  Outcome stop();

 private:
  void enter(CallTerms terms);

  Instance& instance_;
  std::shared_ptr<StreamSide> side_;
  std::atomic<bool> over_ = false;
  Outcome outcome_;
  std::thread thread_;
};

}  // namespace unity::check
