// A call of a collector in a worker, beside the bare transport of the same bytes at the same
// placement and beside the same call in this process.
#include <fmt/format.h>

#include "benchmarks/isolation/floor.hpp"
#include "benchmarks/isolation/measurements.hpp"

namespace unity::host {
namespace {

constexpr int kCalls = 2000;  // a round
constexpr int kWarm = 200;

// Of each round, in microseconds a call.
struct Rounds {
  std::vector<double> p50;
  std::vector<double> p99;
  std::vector<double> cpu;  // of both processes

  template <class Call>
  void add(pid_t other, Call call) {
    for (int i = 0; i < kWarm; ++i) call();
    std::vector<double> took;
    took.reserve(kCalls);
    const double cpu_before = cpu_of(0) + (other != 0 ? cpu_of(other) : 0);
    for (int i = 0; i < kCalls; ++i) {
      const double began = now();
      call();
      took.push_back((now() - began) * 1e6);
    }
    const double used = cpu_of(0) + (other != 0 ? cpu_of(other) : 0) - cpu_before;
    p50.push_back(percentile(took, 0.5));
    p99.push_back(percentile(std::move(took), 0.99));
    cpu.push_back(used * 1e6 / kCalls);
  }
  std::string json() const {
    return fmt::format(R"({{"p50_us":{},"p99_us":{},"cpu_us":{}}})", list(p50), list(p99),
                       list(cpu));
  }
};

struct Placement {
  const char* name;
  cpu_set_t host;
  cpu_set_t other;
};

std::vector<Placement> placements() {
  std::vector<Placement> all = {{"one processor", one_processor(0), one_processor(0)}};
  if (processor_count() > 1) {
    all.push_back({"two processors", one_processor(0), one_processor(1)});
    all.push_back({"free", all_processors(), all_processors()});
  }
  return all;
}

std::string measure_one(Setup& setup, int rounds, const Placement& placement, int bytes) {
  place_thread(all_processors());
  Caller caller;
  const auto pool = setup.new_pool();
  auto isolated = setup.in_worker(answering(bytes), pool);
  auto own = setup.in_process(answering(bytes));
  caller.call(*isolated);  // makes the worker and the instance
  caller.call(*own);
  const pid_t worker = (*pool->get())->pid();
  PingPong floor(static_cast<std::size_t>(bytes));
  place_process(worker, placement.other);
  place_process(floor.process(), placement.other);
  place_thread(placement.host);
  Rounds floors;
  Rounds calls;
  Rounds inlines;
  for (int round = 0; round < rounds; ++round) {
    floors.add(floor.process(), [&] { floor.call(); });
    calls.add(worker, [&] { caller.call(*isolated); });
    inlines.add(0, [&] { caller.call(*own); });
  }
  place_thread(all_processors());
  isolated.reset();
  (*pool->get())->kill("it was measured");
  return fmt::format(R"({{"bytes":{},"placement":"{}","floor":{},"isolated":{},"inline":{}}})",
                     bytes, placement.name, floors.json(), calls.json(), inlines.json());
}

}  // namespace

void measure_round_trips(Setup& setup, int rounds) {
  std::vector<std::string> results;
  for (const auto& placement : placements()) {
    for (const int bytes : {400, 64 << 10}) {
      results.push_back(measure_one(setup, rounds, placement, bytes));
    }
  }
  fmt::print("{{\"calls\":{},\"rounds\":{},\"results\":[\n{}]}}\n", kCalls, rounds,
             fmt::join(results, ",\n"));
}

}  // namespace unity::host
