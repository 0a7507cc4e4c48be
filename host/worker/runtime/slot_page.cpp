#include "worker/runtime/slot_page.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>

#include "worker/base/fault_signals.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kStackSize = std::size_t{64} << 10;

// Whose next allocation may have been refused, without a look at what it was given.
constexpr std::uint64_t kCloseToLimit = std::uint64_t{4} << 20;
constexpr int kDataField = 5;  // of /proc/self/statm

SlotPage* crash_page = nullptr;
int statm = -1;
long page_bytes = 4096;
thread_local LaneSlot* noted_slot = nullptr;  // of the call that this thread is in

// The end of a path says more than its beginning.
template <std::size_t N>
void copy_end(std::array<char, N>& out, const char* text) {
  if (text == nullptr) return;
  const auto length = std::strlen(text);
  const auto cut = length >= N ? length - (N - 1) : 0;
  std::memcpy(out.data(), text + cut, length - cut);
}
template <std::size_t N>
void copy_begin(std::array<char, N>& out, const char* text) {
  if (text == nullptr) return;
  std::memcpy(out.data(), text, std::min(std::strlen(text), N - 1));
}

// In a signal handler: plain calls of the system only.
bool close_to_memory_limit() {
  rlimit limit{};
  std::array<char, 128> text{};
  if (::getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
  if (::pread(statm, text.data(), text.size() - 1, 0) <= 0) return false;
  std::uint64_t number = 0;
  int field = 0;
  for (const char* c = text.data(); *c != '\0' && field <= kDataField; ++c) {
    if (*c == ' ') {
      if (field++ == kDataField) break;
      number = 0;
    } else if (*c >= '0' && *c <= '9') {
      number = number * 10 + static_cast<std::uint64_t>(*c - '0');
    }
  }
  return number * static_cast<std::uint64_t>(page_bytes) + kCloseToLimit > limit.rlim_cur;
}

void on_no_memory() {
  crash_page->out_of_memory = 1;
  throw std::bad_alloc();
}

// Runs in a process that is lost: what it calls may hang or crash again, which the default action
// or the host ends. So the signal is written first.
void on_crash(int signal, siginfo_t* info, void*) {
  auto& report = crash_page->crash;
  static std::atomic<bool> first = true;
  if (first.exchange(false)) {
    report.signal = signal;
    report.address = reinterpret_cast<std::uint64_t>(info->si_addr);
    if (noted_slot != nullptr) {
      report.lane = static_cast<std::uint32_t>(noted_slot - crash_page->lanes.data());
    }
    if (close_to_memory_limit()) crash_page->out_of_memory = 1;
    report.written = 1;
    std::array<void*, CrashReport::kFrames + 2> stack{};
    const auto depth = static_cast<std::size_t>(::backtrace(stack.data(), stack.size()));
    std::uint32_t kept = 0;
    // The first two are this handler and the kernel's way into it.
    for (std::size_t i = 2; i < depth; ++i) {
      auto& frame = report.frames[kept];
      Dl_info where{};
      if (::dladdr(stack[i], &where) != 0 && where.dli_fbase != nullptr) {
        frame.offset = static_cast<std::uint64_t>(static_cast<char*>(stack[i]) -
                                                  static_cast<char*>(where.dli_fbase));
        copy_end(frame.module, where.dli_fname);
        copy_begin(frame.function, where.dli_sname);
      } else {
        frame.offset = reinterpret_cast<std::uint64_t>(stack[i]);
      }
      report.frame_count = ++kept;
    }
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

// The alternate stack of a thread, for as long as it lives.
class SignalStack {
 public:
  SignalStack() {
    stack_.ss_size = kStackSize;
    stack_.ss_sp =
        ::mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack_.ss_sp != MAP_FAILED) ::sigaltstack(&stack_, nullptr);
  }
  ~SignalStack() {
    if (stack_.ss_sp == MAP_FAILED) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
    ::munmap(stack_.ss_sp, kStackSize);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  stack_t stack_{};
};

}  // namespace

SlotPage* map_slot_page(int fd) {
  if (::ftruncate(fd, sizeof(SlotPage)) != 0) return nullptr;
  void* memory = ::mmap(nullptr, sizeof(SlotPage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return memory != MAP_FAILED ? static_cast<SlotPage*>(memory) : nullptr;
}

void catch_crashes(SlotPage& page) {
  crash_page = &page;
  page_bytes = ::sysconf(_SC_PAGESIZE);
  statm = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  std::set_new_handler(on_no_memory);
  std::array<void*, 1> warm{};
  ::backtrace(warm.data(), 1);  // loads what it needs, now
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int signal : kFaultSignals) ::sigaction(signal, &action, nullptr);
}

NotedCall::NotedCall(LaneSlot* slot, std::uint64_t run, std::string_view instance)
    : before_(noted_slot) {
  if (slot == nullptr) return;
  thread_local const SignalStack stack;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  slot->run = run;
  slot->started_unix_ns = std::chrono::nanoseconds(now).count();
  const auto length = std::min(instance.size(), slot->instance.size() - 1);
  std::memcpy(slot->instance.data(), instance.data(), length);
  slot->instance[length] = '\0';
  noted_slot = slot;
}

NotedCall::~NotedCall() { noted_slot = before_; }

NotedPhase::NotedPhase(Phase phase) {
  if (noted_slot != nullptr) before_ = noted_slot->phase.exchange(phase);
}

NotedPhase::~NotedPhase() {
  if (noted_slot != nullptr) noted_slot->phase = before_;
}

}  // namespace unity::host
