#include "worker/confine/kernel_offer.hpp"

#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "worker/confine/landlock.hpp"

namespace unity::worker {

KernelOffer what_kernel_offers() {
  std::uint32_t action = SECCOMP_RET_TRAP;
  return {landlock_version(), ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0};
}

std::string to_text(const KernelOffer& offer) {
  std::string can;
  std::string cannot;
  const auto sort = [&](bool offered, const char* what) {
    auto& list = offered ? can : cannot;
    list += (list.empty() ? "" : ", ") + std::string(what);
  };
  sort(offer.files(), "files");
  sort(offer.truncate(), "truncation of files");
  sort(offer.ports(), "TCP ports");
  sort(offer.device_commands(), "commands to devices");
  sort(offer.signals(), "signals");
  sort(offer.seccomp, "system calls");
  const auto version =
      offer.landlock > 0 ? " (Landlock " + std::to_string(offer.landlock) + ")" : " (no Landlock)";
  return (can.empty() ? "this kernel confines nothing" : "this kernel confines " + can) + version +
         (cannot.empty() ? "" : "; not confined: " + cannot);
}

}  // namespace unity::worker
