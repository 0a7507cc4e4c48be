#include "check/process/failing_memory.hpp"

#include <utility>

namespace unity::check {
namespace {

// Plain thread-local data: what malloc() itself looks at must not need malloc().
struct Account {
  bool plugin = false;
  bool stays = false;
  std::int64_t fails_at = -1;
  std::int64_t made = 0;
};
thread_local constinit Account account;

}  // namespace

bool memory_can_fail() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  return true;
#endif
}

void fail_allocation(std::int64_t number, bool stays) {
  account.fails_at = number;
  account.stays = stays;
  account.made = 0;
}
std::int64_t allocations_made() { return account.made; }

PluginAllocates::PluginAllocates() : before_(std::exchange(account.plugin, true)) {}
PluginAllocates::~PluginAllocates() { account.plugin = before_; }
HostAllocates::HostAllocates() : before_(std::exchange(account.plugin, false)) {}
HostAllocates::~HostAllocates() { account.plugin = before_; }

// Whether the next allocation of this thread fails.
bool allocation_fails() {
  if (!account.plugin) return false;
  const auto number = account.made++;
  if (account.fails_at < 0 || number < account.fails_at) return false;
  return number == account.fails_at || account.stays;
}

}  // namespace unity::check
