#include "plugin/secret_store.hpp"

#include <utility>

#include "log/log.hpp"
#include "plugin/secret_file.hpp"

namespace unity::host {

Result<void> SecretStore::replace(const std::vector<SecretConfig>& secrets) {
  Secrets now;
  bool locked = true;
  for (const auto& one : secrets) {
    auto& secret = now[one.name];
    if (one.source == SecretConfig::Source::file) {
      auto value = read_secret_file(one.place);
      if (!value) return std::move(value).error();
      secret.file = one.place;
      secret.value = std::make_shared<const LockedText>(std::move(*value));
    } else {
      secret.value = std::make_shared<const LockedText>(one.value);
    }
    locked = locked && secret.value->locked();
  }

  bool tell = false;
  {
    const std::lock_guard lock(mutex_);
    secrets_ = std::move(now);
    if (!locked) tell = !std::exchange(told_unlocked_, true);
  }
  if (tell) {
    log_warn(
        "secrets may be swapped out: the system does not lock their memory; raise the limit "
        "(LimitMEMLOCK= in systemd, `ulimit -l` in a shell)");
  }
  return {};
}

std::shared_ptr<const LockedText> SecretStore::get(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = secrets_.find(name);
  return found != secrets_.end() ? found->second.value : nullptr;
}

Result<bool> SecretStore::refresh(std::string_view name) {
  std::string file;
  {
    const std::lock_guard lock(mutex_);
    const auto found = secrets_.find(name);
    if (found == secrets_.end() || found->second.file.empty()) return false;
    file = found->second.file;
  }
  auto value = read_secret_file(file);
  if (!value) return std::move(value).error();
  const std::lock_guard lock(mutex_);
  const auto found = secrets_.find(name);
  if (found == secrets_.end() || found->second.file != file) return false;
  if (found->second.value->view() == value->view()) return false;
  found->second.value = std::make_shared<const LockedText>(std::move(*value));
  return true;
}

}  // namespace unity::host
