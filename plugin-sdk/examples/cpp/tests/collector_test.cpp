// Runs the built plugin in the host of the test kit: no database, no clock, no root.
#include <cstdio>

#include "unity/testkit.hpp"

namespace {

namespace kit = unity::testkit;

int failures = 0;
#define EXPECT(what) \
  if (!(what)) ++failures, std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what)

constexpr auto kOptions = R"({"path": ")" DATA R"(", "suffix": ".txt"})";

void counts_files_with_the_suffix() {
  kit::Host host;
  kit::Instance instance(host, kit::Plugin::load(PLUGIN), kOptions);

  const auto folder = instance.collect().record("folder", {{"path", DATA}});

  EXPECT(folder.number("files") == 2);
  EXPECT(folder.number("bytes") == 9);
  EXPECT(host.breaches().empty());
}

void a_file_is_no_folder() {
  kit::Host host;
  const kit::Instance instance(host, kit::Plugin::load(PLUGIN), R"({"path": "/etc/passwd"})");

  EXPECT(instance.created().status == UNITY_E_CONFIG);
  EXPECT(instance.created().message == "/etc/passwd is no folder");
}

void stops_when_cancelled() {
  kit::Host host;
  kit::Instance instance(host, kit::Plugin::load(PLUGIN), kOptions);
  host.cancel_at(2);  // the second time that it asks

  EXPECT(instance.collect().status == UNITY_E_CANCELLED);
}

// Every answer of the host may fail; no failure may be swallowed.
void passes_failures_of_the_host_up() {
  const auto sweep = kit::sweep_faults([](kit::Host& host) {
    kit::Instance instance(host, kit::Plugin::load(PLUGIN), kOptions);
    if (instance.exists()) instance.collect();
  });

  EXPECT(sweep.repetitions > 0);
  EXPECT(sweep.silent.empty());
  EXPECT(sweep.breaches.empty());
}

}  // namespace

int main() {
  counts_files_with_the_suffix();
  a_file_is_no_folder();
  stops_when_cancelled();
  passes_failures_of_the_host_up();
  return failures == 0 ? 0 : 1;
}
