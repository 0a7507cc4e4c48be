#include "worker/confine/denials.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cerrno>
#include <new>

#include "worker/confine/landlock.hpp"

namespace unity::worker {
namespace {

constexpr int kFromSeccomp = 1;  // SYS_SECCOMP, as si_code

#if defined(__x86_64__)
std::uint64_t argument(const ucontext_t& context, int index) {
  const auto& registers = context.uc_mcontext.gregs;
  return static_cast<std::uint64_t>(registers[index == 0 ? REG_RDI : REG_RSI]);
}
void set_result(ucontext_t& context, long result) { context.uc_mcontext.gregs[REG_RAX] = result; }
#elif defined(__aarch64__)
std::uint64_t argument(const ucontext_t& context, int index) {
  return context.uc_mcontext.regs[index];
}
void set_result(ucontext_t& context, long result) {
  context.uc_mcontext.regs[0] = static_cast<std::uint64_t>(result);
}
#else
#error "the handler of SIGSYS is written for x86-64 and aarch64"
#endif

// The call was not made; the caller sees it fail with EPERM.
void on_denied_call(int, siginfo_t* info, void* raw) {
  if (info->si_code != kFromSeccomp) return;  // somebody sent the signal
  auto& context = *static_cast<ucontext_t*>(raw);
  Denial denial;
  denial.error = EPERM;
  denial.call = info->si_syscall;
  denial.first = argument(context, 0);
  denial.second = argument(context, 1);
  Denials::of_process().note(denial);
  set_result(context, -EPERM);
}

bool lies_below(const std::string& path, const std::string& folder) {
  if (folder == "/") return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

Denials& Denials::of_process() {
  // Never destroyed: threads of plugins may be denied something while the process ends.
  static auto* const denials = new Denials;
  return *denials;
}

Denials::Denials() {
  void* shared =
      ::mmap(nullptr, sizeof(Ring), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ring_ = shared != MAP_FAILED ? new (shared) Ring : new Ring;
  for (std::size_t i = 0; i < kSlots; ++i) ring_->slots[i].turn.store(i, std::memory_order_relaxed);
}

// A bounded queue in which each slot counts whose turn it is. A handler that interrupts a writer
// takes the slot after it; the reader then waits for the first.
void Denials::note(const Denial& denial) {
  auto at = ring_->written.load(std::memory_order_relaxed);
  for (;;) {
    auto& slot = ring_->slots[at % kSlots];
    const auto turn = slot.turn.load(std::memory_order_acquire);
    if (turn < at) {  // the reader has not been here yet
      ring_->lost.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    if (turn > at) {
      at = ring_->written.load(std::memory_order_relaxed);
      continue;
    }
    if (!ring_->written.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) continue;
    slot.denial = denial;
    slot.turn.store(at + 1, std::memory_order_release);
    return;
  }
}

std::optional<Denial> Denials::take() {
  auto& slot = ring_->slots[ring_->read % kSlots];
  if (slot.turn.load(std::memory_order_acquire) != ring_->read + 1) return std::nullopt;
  auto denial = slot.denial;
  slot.turn.store(ring_->read + kSlots, std::memory_order_release);
  ++ring_->read;
  return denial;
}

void Denials::begin(const Confinement& confinement) {
  spawn_ = confinement.spawn;
  granted_ = common_paths(confinement);
  granted_.insert(granted_.end(), confinement.paths.begin(), confinement.paths.end());
  struct sigaction action {};
  action.sa_sigaction = on_denied_call;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER | SA_ONSTACK;
  ::sigaction(SIGSYS, &action, nullptr);
  sigset_t unblocked;
  ::sigemptyset(&unblocked);
  ::sigaddset(&unblocked, SIGSYS);
  ::sigprocmask(SIG_UNBLOCK, &unblocked, nullptr);
  active_.store(true, std::memory_order_relaxed);
}

bool Denials::granted(const std::string& path, bool read, bool write, bool execute) const {
  bool reads = !read;
  bool writes = !write;
  bool executes = !execute;
  for (const auto& rule : granted_) {
    if (!lies_below(path, rule.path)) continue;
    reads |= rule.read;
    writes |= rule.write;
    executes |= rule.execute;
  }
  return reads && writes && executes;
}

}  // namespace unity::worker
