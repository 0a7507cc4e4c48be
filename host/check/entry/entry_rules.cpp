// C16, C17, C20: what happens before the first table is read.
#include <time.h>

#include <array>
#include <thread>

#include "check/entry/library.hpp"
#include "check/entry/rules.hpp"
#include "check/process/facts.hpp"

namespace unity::check {
namespace {

constexpr double kLoadMsMax = 100;
constexpr double kEntryMsMax = 20;

// Of processor time: what else the machine does must not fail a plugin.
double cpu_ms() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

// What a step must not leave behind.
class Traces {
 public:
  Traces() : threads_(thread_count()), descriptors_(open_descriptors()) {}

  void report(std::string_view step, Findings& findings) const {
    if (const auto now = thread_count(); now > threads_) {
      findings.fail("{} starts {} threads", step, now - threads_);
    }
    for (const auto& [fd, target] : open_descriptors()) {
      if (!descriptors_.contains(fd)) findings.fail("{} leaves {} open", step, target);
    }
  }

 private:
  std::size_t threads_;
  std::map<int, std::string> descriptors_;
};

}  // namespace

void check_load(const Context& context, Findings& findings) {
  const Traces traces;
  const auto before = cpu_ms();
  if (!Library::load(context, findings)) return;
  const auto took = cpu_ms() - before;
  if (took > kLoadMsMax) {
    findings.fail("loading it takes {:.0f} ms of cpu, more than {:.0f}", took, kLoadMsMax);
  } else {
    findings.remark("loaded in {:.1f} ms of cpu", took);
  }
  traces.report("loading it", findings);
}

void check_entry(const Context& context, Findings& findings) {
  const auto library = Library::load(context, findings);
  if (!library) return;
  const Traces traces;
  const auto before = cpu_ms();
  const auto* first = call_entry(*library, context, findings);
  const auto took = cpu_ms() - before;
  if (first == nullptr) return;
  if (took > kEntryMsMax) {
    findings.fail("its entry takes {:.0f} ms of cpu, more than {:.0f}", took, kEntryMsMax);
  }
  traces.report("its entry", findings);
  const auto heap = heap_in_use();
  for (int i = 0; i < 10; ++i) {
    const auto* again = call_entry(*library, context, findings);
    if (again != nullptr && again != first)
      findings.fail("its entry returns a new table each time");
  }
  if (heap_in_use() > heap) findings.fail("its entry allocates memory");
  std::array<const unity_plugin*, 4> answers{};
  std::array<Findings, 4> theirs;
  {
    std::array<std::jthread, 4> threads;
    for (std::size_t i = 0; i < threads.size(); ++i) {
      threads[i] = std::jthread([&, i] { answers[i] = call_entry(*library, context, theirs[i]); });
    }
  }
  for (const auto* answer : answers) {
    if (answer != first)
      findings.fail("its entry answers differently when threads call it at once");
  }
}

void check_entry_strange(const Context& context, Findings& findings) {
  const auto library = Library::load(context, findings);
  if (!library) return;
  struct Later {
    unity_entry_args args;
    std::uint64_t of_a_later_minor[4];
  };
  const auto try_one = [&](const char* what, unity_entry_args* args) {
    context.page->set_phase(fmt::format("unity_plugin_entry_v1() of {}", what));
    try {
      if (library->entry(args) == nullptr) findings.fail("its entry refuses {}", what);
    } catch (...) {
      findings.fail("its entry throws an exception for {}", what);
    }
  };
  Later later{};
  for (auto& more : later.of_a_later_minor) more = ~std::uint64_t{0};
  later.args.struct_size = sizeof later;
  later.args.abi = UNITY_ABI(1, 99);
  later.args.host_name = {"another host", 12};
  later.args.host_version = {"99.0.0-rc.1+build", 17};
  try_one("a host of ABI 1.99 with more arguments", &later.args);
  unity_entry_args nameless{};
  nameless.struct_size = sizeof nameless;
  nameless.abi = UNITY_ABI(1, 0);
  try_one("a host without a name", &nameless);
  const std::string noise(100'000, '\xff');
  nameless.host_name = nameless.host_version = {noise.data(), noise.size()};
  try_one("a host with a strange name", &nameless);
  context.page->set_phase("");
}

}  // namespace unity::check
