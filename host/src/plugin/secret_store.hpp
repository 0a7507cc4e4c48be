// The values of the secrets that the configuration names, for plugins that ask for them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/secret.hpp"
#include "plugin/locked_text.hpp"
#include "unity/core/base/result.hpp"

namespace unity::host {

// Any thread.
class SecretStore {
 public:
  SecretStore() = default;

  // Takes the place of all that there was; an error changes nothing.
  Result<void> replace(const std::vector<SecretConfig>& secrets);

  // The value, which is wiped when the last one lets go of it; null if there is no such secret.
  std::shared_ptr<const LockedText> get(std::string_view name) const;

  // Reads the file of the secret anew: for when its value was not accepted. True if it is another
  // one now. What does not come from a file, or cannot be read, stays as it is.
  Result<bool> refresh(std::string_view name);

 private:
  struct Secret {
    std::string file;  // empty: it is none
    std::shared_ptr<const LockedText> value;
  };
  using Secrets = std::map<std::string, Secret, std::less<>>;

  mutable std::mutex mutex_;
  Secrets secrets_;
  bool told_unlocked_ = false;
};

}  // namespace unity::host
