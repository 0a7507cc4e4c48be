#include "check/process/crash_handler.hpp"

#include <execinfo.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>

namespace unity::check {
namespace {

constexpr int kFramesMax = 24;

struct Forbidden {
  std::uintptr_t begin, end;
  const char* text;
};

SharedPage* page_of_process = nullptr;
std::uintptr_t plugin_begin = 0, plugin_end = 0;
Forbidden forbidden[kForbiddenMax];
std::atomic<std::size_t> forbidden_count = 0;

// The newest that holds the address: memory may have been used again.
const char* find_forbidden(std::uintptr_t at) {
  const auto count = forbidden_count.load();
  const auto known = std::min(count, kForbiddenMax);
  for (std::size_t i = 0; i < known; ++i) {
    const auto& one = forbidden[(count - 1 - i) % kForbiddenMax];
    if (at >= one.begin && at < one.end) return one.text;
  }
  return nullptr;
}

std::uintptr_t program_counter(const void* context) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<std::uintptr_t>(machine.pc);
#else
  (void)machine;
  return 0;
#endif
}

// Builds text in a signal handler, where nothing may allocate.
class FixedText {
 public:
  void add(const char* text) {
    while (*text != '\0' && size_ + 1 < sizeof text_) text_[size_++] = *text++;
  }
  void add_hex(std::uintptr_t number) {
    char digits[17];
    std::size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
      digits[--at] = "0123456789abcdef"[number % 16];
      number /= 16;
    } while (number != 0);
    add("0x");
    add(digits + at);
  }
  std::string_view view() const { return {text_, size_}; }

 private:
  char text_[400];
  std::size_t size_ = 0;
};

void on_crash(int signal, siginfo_t* info, void* context) {
  FixedText text;
  if (signal == SIGSEGV || signal == SIGBUS) {
    const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
    if (const char* what = find_forbidden(at)) {
      text.add("it touched ");
      text.add(what);
    } else if (at < 4096) {
      text.add("it followed a null pointer");
    } else {
      text.add("it touched memory at ");
      text.add_hex(at);
    }
  }
  const auto at = program_counter(context);
  if (at >= plugin_begin && at < plugin_end) {
    text.add(", at offset ");
    text.add_hex(at - plugin_begin);
    text.add(" of the plugin");
  }
  if (page_of_process != nullptr) page_of_process->set_fault(text.view());
  // Where it was, for the author: the command shows the end of what is written here.
  void* frames[kFramesMax];
  const int count = ::backtrace(frames, kFramesMax);
  ::backtrace_symbols_fd(frames, count, STDERR_FILENO);
  // Dies of the signal now, once the handler has returned or by this.
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

}  // namespace

void install_crash_handler(SharedPage* page) {
  constexpr std::size_t kStackSize = std::size_t{256} << 10;
  page_of_process = page;
  stack_t stack{};
  stack.ss_sp =
      ::mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  stack.ss_size = kStackSize;
  if (stack.ss_sp != MAP_FAILED) ::sigaltstack(&stack, nullptr);
  void* first[1];
  ::backtrace(first, 1);  // loads what it needs while there is memory
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    ::sigaction(signal, &action, nullptr);
}

void set_plugin_code(const void* begin, const void* end) {
  plugin_begin = reinterpret_cast<std::uintptr_t>(begin);
  plugin_end = reinterpret_cast<std::uintptr_t>(end);
}

void add_forbidden(const void* begin, std::size_t size, const char* text) {
  static std::atomic_flag busy;
  while (busy.test_and_set()) {
  }
  const auto at = reinterpret_cast<std::uintptr_t>(begin);
  forbidden[forbidden_count % kForbiddenMax] = {at, at + size, text};
  ++forbidden_count;
  busy.clear();
}

}  // namespace unity::check
