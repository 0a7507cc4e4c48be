// From asking for a worker until it is ready: confined and not, and what confinement alone takes.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "benchmarks/isolation/measurements.hpp"
#include "workers/confinement_of.hpp"

namespace unity::host {
namespace {

double confined_ms(Setup& setup) {
  const double began = now();
  const auto worker = need(setup.workers().start(setup.confinement(), "bench"));
  const double took = now() - began;
  worker->kill("it was measured");
  return took * 1e3;
}

// Its first answer is to something else.
double unconfined_ms(Setup& setup) {
  const double began = now();
  const auto worker = need(setup.keeper().start("bench"));
  if (worker->take_lane() == nullptr) give_up("there is no lane");
  const double took = now() - began;
  worker->kill("it was measured");
  return took * 1e3;
}

// In a process that is forked for it.
double confining_ms(const worker::Confinement& confinement) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) give_up("no pipe");
  const pid_t child = ::fork();
  if (child < 0) give_up("no process");
  if (child == 0) {
    const double began = now();
    worker::confine_self(confinement);
    const double took = now() - began;
    ::_exit(::write(pipe[1], &took, sizeof took) == sizeof took ? 0 : 1);
  }
  double took = 0;
  const bool told = ::read(pipe[0], &took, sizeof took) == sizeof took;
  for (const int end : pipe) ::close(end);
  ::waitpid(child, nullptr, 0);
  if (!told) give_up("a process did not confine itself");
  return took * 1e3;
}

// In the host, before: rules and the filter's program from permissions.
double planning_ms() {
  const double began = now();
  need(confinement_of(Permissions(), WorkerLimits()));
  return (now() - began) * 1e3;
}

}  // namespace

void measure_starts(Setup& setup, int rounds) {
  auto no_filter = setup.confinement();
  no_filter.system_calls.clear();
  std::vector<double> confined;
  std::vector<double> unconfined;
  std::vector<double> confining;
  std::vector<double> confining_without_filter;
  std::vector<double> planning;
  for (int round = 0; round < rounds; ++round) {
    planning.push_back(planning_ms());
    confined.push_back(confined_ms(setup));
    unconfined.push_back(unconfined_ms(setup));
    confining.push_back(confining_ms(setup.confinement()));
    confining_without_filter.push_back(confining_ms(no_filter));
  }
  fmt::print(
      "{{\"confined_ms\":{},\n\"unconfined_ms\":{},\n\"confining_ms\":{},\n"
      "\"confining_without_filter_ms\":{},\n\"planning_ms\":{}}}\n",
      list(confined), list(unconfined), list(confining), list(confining_without_filter),
      list(planning));
}

}  // namespace unity::host
