// unity-worker: started by the host for plugins that do not run inside it.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "worker/process/descriptors.hpp"
#include "worker/process/process.hpp"

// A sanitizer's own handlers would end the process in another way than the signal does.
#if defined(__SANITIZE_ADDRESS__)
extern "C" const char* __asan_default_options() {
  return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0";
}
#elif defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_options() {
  return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0";
}
#endif

int main(int argc, char** argv) {
  using namespace unity::host;
  // The host may have died between the fork and the first line.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc != 2 || ::getppid() != std::atoi(argv[1])) {
    static constexpr char text[] = "unity-worker is started by unity, not by hand\n";
    (void)!::write(STDERR_FILENO, text, sizeof text - 1);
    return 2;
  }
  ::syscall(SYS_close_range, static_cast<unsigned>(kWorkerDescriptorEnd), ~0U, 0U);
  SlotPage* page = map_slot_page(kSlots);
  if (page == nullptr) return 1;
  ::close(kSlots);
  catch_crashes(*page);
  ServiceClient services{Channel(FileDescriptor(kServices))};
  WorkerProcess process(services, *page);
  process.serve(0, Channel(FileDescriptor(kFirstLane)), FileDescriptor(kFirstCancel));
  // The host has closed the lane. Threads may be within plugins: nothing is taken apart.
  ::_exit(0);
}
