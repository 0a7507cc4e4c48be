// A read from address zero within a call: until the host knows how the worker ended, until the
// collector's run has ended, and until its next worker has answered.
#include <fmt/format.h>
#include <signal.h>

#include "benchmarks/isolation/measurements.hpp"

namespace unity::host {
namespace {

// From the call on: the worker writes into its slot when that begins, which the fault is the
// first thing of.
double notice_ms(Setup& setup) {
  const auto worker = need(setup.workers().start(setup.confinement(), "bench"));
  const auto image = need(worker->load(setup.image()));
  CallMessage message;
  message.instance = need(worker->add_instance(image, answering(400, 1), setup.services()));
  message.deadline_ns = Instant::max().time_since_epoch().count();
  auto* lane = worker->take_lane();
  if (lane == nullptr) give_up("there is no lane");
  for (message.run = 1; lane->channel.send(encode(message)) && lane->channel.receive();
       ++message.run) {
  }
  const auto end = worker->end(std::chrono::steady_clock::now() + std::chrono::seconds(10));
  const auto known = std::chrono::system_clock::now().time_since_epoch();
  if (!end || end->signal != SIGSEGV) give_up("the worker did not end by the fault");
  const std::chrono::nanoseconds fault(worker->slot(*lane).started_unix_ns);
  return std::chrono::duration<double, std::milli>(known - fault).count();
}

}  // namespace

void measure_faults(Setup& setup, int rounds) {
  std::vector<double> noticed;
  std::vector<double> told;
  std::vector<double> answered;
  for (int round = 0; round < rounds; ++round) {
    noticed.push_back(notice_ms(setup));
    Caller caller;
    auto collector = setup.in_worker(answering(400, 1));
    caller.call(*collector);
    const double began = now();
    caller.call(*collector, RunClass::internal);
    told.push_back((now() - began) * 1e3);
    caller.call(*collector);
    answered.push_back((now() - began) * 1e3);
  }
  fmt::print("{{\"noticed_ms\":{},\n\"told_ms\":{},\n\"answered_ms\":{}}}\n", list(noticed),
             list(told), list(answered));
}

}  // namespace unity::host
