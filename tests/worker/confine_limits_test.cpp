#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <chrono>

#include "worker/confine/privileges.hpp"
#include "worker/confined_child.hpp"

namespace unity::worker {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t kMiB = std::size_t{1} << 20;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

int try_map(std::size_t size, int flags) {
  return ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED ? errno : 0;
}

class ConfineLimits : public Confine {
 protected:
  Outcome run_limited(const host::WorkerLimits& limits, const std::function<int()>& act,
                      std::string_view permissions = "{}") {
    return run_confined(confinement_for(permissions, limits), GetParam(), act);
  }
};

TEST_P(ConfineLimits, RefuseMemoryBeyondThem) {
  if (kSanitized) GTEST_SKIP() << "sanitizers map more than any limit";
  const auto outcome = run_limited({64 * kMiB, 256, 0s, 64}, [] {
    if (const int error = try_map(16 * kMiB, MAP_PRIVATE | MAP_ANONYMOUS)) return error;
    void* block = ::malloc(128 * kMiB);
    if (block != nullptr) return 1000;
    return try_map(128 * kMiB, MAP_PRIVATE | MAP_ANONYMOUS);
  });

  EXPECT_EQ(outcome.error, ENOMEM);
}

TEST_P(ConfineLimits, RefuseMemoryThatTheyCannotCount) {
  const auto outcome = run_limited({}, [] {
    if (try_map(4096, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN) != EPERM) return 1000;
    return try_map(kMiB, MAP_SHARED | MAP_ANONYMOUS);
  });

  EXPECT_EQ(outcome.error, EPERM);
  EXPECT_THAT(outcome.denials, Contains(HasSubstr("get memory that no limit counts")));
}

TEST_P(ConfineLimits, RefuseMoreOpenFiles) {
  const auto outcome = run_limited({256 * kMiB, 32, 0s, 64}, [] {
    std::vector<int> opened;
    int error = 0;
    while (error == 0 && opened.size() < 40) {
      opened.push_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
      error = errno_of(opened.back());
    }
    for (const int fd : opened) ::close(fd);  // a sanitizer opens some itself to look at memory
    return error;
  });

  EXPECT_EQ(outcome.error, EMFILE);
}

TEST_P(ConfineLimits, EndWhoeverUsesUpItsProcessorTime) {
  const auto outcome = run_limited({256 * kMiB, 256, 1s, 64}, [] {
    for (volatile bool spin = true; spin;) {
    }
    return 0;
  });

  EXPECT_EQ(outcome.signal, SIGXCPU);
}

TEST_P(ConfineLimits, CannotBeRaised) {
  const auto outcome = run_limited({256 * kMiB, 32, 0s, 64}, [] {
    const rlimit more{4096, 4096};
    if (errno_of(::setrlimit(RLIMIT_NOFILE, &more)) != EPERM) return 1000;
    const rlimit dump{RLIM_INFINITY, RLIM_INFINITY};
    return errno_of(::setrlimit(RLIMIT_CORE, &dump));
  });

  EXPECT_EQ(outcome.error, EPERM);
}

TEST_P(ConfineLimits, OfProcessesAreThoseOfTheUserOrTold) {
  const auto outcome = run_limited({}, [] {
    rlimit processes{};
    ::getrlimit(RLIMIT_NPROC, &processes);
    return ::getuid() == 0 || processes.rlim_max < 1'000'000 ? 0 : 1000;
  });

  EXPECT_EQ(outcome.error, 0);
  const bool root = GetParam() == User::same && ::getuid() == 0;
  EXPECT_EQ(!root, testing::Value(outcome.gaps, Not(Contains(HasSubstr("those of root")))));
}

TEST(TasksOfUser, CountThreadsToo) { EXPECT_GE(count_tasks_of_user(), 1u); }

INSTANTIATE_TEST_SUITE_P(All, ConfineLimits, testing::Values(User::same, User::nobody), name_of);

}  // namespace
}  // namespace unity::worker
