#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <filesystem>

#include "plugins/live.hpp"

namespace unity::testing {
namespace {

TEST(LiveProcess, ThereAreAsManyAsFoldersInProc) {
  Collector collector(PROCESS_PLUGIN, kLive);
  const auto seen = bracket(collector, [] {
    double count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      count += std::isdigit(entry.path().filename().string().front()) != 0 ? 1 : 0;
    }
    return count;
  });
  // Others start and end processes meanwhile.
  expect_between(seen.before, seen.emitted.number("process_states", "total"), seen.after, 30,
                 "processes");
}

// A child with a nasty name that computes until it is killed.
class Busy {
 public:
  explicit Busy(const char* name) : pid_(::fork()) {
    if (pid_ != 0) {
      while (slurp("/proc/" + std::to_string(pid_) + "/comm") != std::string(name) + "\n") {
      }
      return;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, name);
    const volatile bool forever = true;
    while (forever) {
    }
  }
  ~Busy() { stop(); }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  double cpu_seconds() const {
    const auto text = slurp("/proc/" + std::to_string(pid_) + "/stat");
    std::istringstream words(text.substr(text.rfind(')') + 2));
    std::string word;
    for (int i = 0; i < 11; ++i) words >> word;
    double user = 0;
    double system = 0;
    words >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }

 private:
  pid_t pid_;
};

TEST(LiveProcess, AServiceIsFollowedFromStartToEnd) {
  Collector collector(PROCESS_PLUGIN, R"({"services":["a) b (busy"],"top":100})");
  const auto tags = R"({"service":"a) b (busy"})";
  EXPECT_EQ(collector.run().number("process_group", "count", tags), 0);
  Busy busy("a) b (busy");

  while (busy.cpu_seconds() < 0.05) {
  }
  const auto seen = bracket(collector, [&] { return busy.cpu_seconds(); });
  EXPECT_EQ(seen.emitted.number("process_group", "count", tags), 1);
  EXPECT_GT(seen.emitted.number("process_group", "rss", tags), 0);
  const auto used = seen.emitted.number("process_group", "cpu_time", tags);
  expect_between(seen.before, used, seen.after, 0.001, "cpu time");

  busy.stop();
  const auto after = collector.run();
  EXPECT_EQ(after.number("process_group", "count", tags), 0);
  EXPECT_EQ(after.number("process_group", "cpu_time", tags), used);
}

TEST(LiveProcess, MemoryIsThatOfPs) {
  const auto comm = slurp("/proc/self/comm");
  const auto ask = [] {
    return numbers_in(output_of("ps -o rss= -p " + std::to_string(::getpid())));
  };
  const auto before = ask();
  if (before.empty()) GTEST_SKIP() << "ps (procps) is not installed";
  // A name of its own, or another run of this test at the same time would be added.
  const auto name = "rss-" + std::to_string(::getpid());
  ::prctl(PR_SET_NAME, name.c_str());
  Collector collector(PROCESS_PLUGIN, R"({"services":[")" + name + "\"]}");
  const auto emitted = collector.run();
  ::prctl(PR_SET_NAME, comm.substr(0, comm.size() - 1).c_str());

  expect_between(before[0] * 1024,
                 emitted.number("process_group", "rss", R"({"service":")" + name + "\"}"),
                 ask()[0] * 1024, 2 * kMegabyte, "rss");
}

}  // namespace
}  // namespace unity::testing
