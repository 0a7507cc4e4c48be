// Prints what one evaluation of typical expressions costs: expression_benchmark [rounds].
#include <time.h>

#include <cstdio>
#include <cstdlib>

#include "core/expression/support.hpp"

namespace {

double cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 2'000'000;
  const auto record = unity::filesystem_record();
  for (const auto* text :
       {"used < 5 GB", "used / total > 0.9 and age < 5 min",
        "used < 5 GB or used_percent > 95 % or age > 2 min",
        "tags.mount in ['/', '/home', '/srv/data']", "glob(tags.mount, '/srv/*') and used > 1 GB",
        "tags.mount =~ '^/(srv|home)/'"}) {
    auto expression = unity::Expression::compile(text, {&unity::filesystem_spec(), {}});
    if (!expression) return 1;
    int hits = 0;
    const auto start = cpu_ns();
    for (int i = 0; i < rounds; ++i) hits += expression->evaluate(record).is_true() ? 1 : 0;
    std::printf("%7.1f ns  %s  (%s)\n", (cpu_ns() - start) / rounds, text,
                hits > 0 ? "true" : "not true");
  }
  return 0;
}
