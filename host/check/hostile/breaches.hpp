// What a plugin did that the ABI forbids, as the hostile host saw it. Each kind belongs to one
// rule, which alone reports it, however many checks run into it.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "check/verdict.hpp"

namespace unity::check {

enum class Breach {
  parameter,  // a parameter struct with a wrong size, a tail, unknown flags          (D24)
  later,      // a function that the host's minor does not have                       (D22)
  crosstalk,  // another instance's handle                                            (E28)
  late,       // a handle after its end                                               (E30)
  secret,     // the canary where it must not be                                      (E32)
  pointer,    // bytes that are not there, or no UTF-8; a handle that never was one   (E35)
  thread,     // a call's handle on another thread                                    (E36)
  token,      // the host's descriptor closed                                         (E37)
  ready,      // ready() more than once                                               (E40)
  exception,  // one that crossed the ABI                                             (E41)
};

class Breaches {
 public:
  void add(Breach kind, std::string text);
  // As failures of the rule that owns this kind.
  void report(Breach kind, Findings& findings) const;
  std::size_t count(Breach kind) const;

 private:
  static constexpr std::size_t kKeptMax = 1000;
  mutable std::mutex mutex_;
  std::vector<std::pair<Breach, std::string>> seen_;
};

}  // namespace unity::check
