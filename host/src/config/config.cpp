#include "config/config.hpp"

namespace unity::host {

Location LocatedValue::locate(std::string_view pointer, const Location& whole) const {
  while (true) {
    const auto found = places.find(pointer);
    if (found != places.end()) return found->second;
    if (pointer.empty()) return whole;
    const auto parent_end = pointer.rfind('/');
    pointer = pointer.substr(0, parent_end == pointer.npos ? 0 : parent_end);
  }
}

Location LocatedValue::locate_key(std::string_view pointer, const Location& whole) const {
  const auto found = key_places.find(pointer);
  return found != key_places.end() ? found->second : locate(pointer, whole);
}

Location InstanceConfig::locate_option(std::string_view pointer) const {
  return options.locate(pointer, location);
}

const StorageConfig* Config::find_storage(std::string_view id) const {
  for (const auto& storage : storages) {
    if (storage.id == id) return &storage;
  }
  return nullptr;
}

const SecretConfig* Config::find_secret(std::string_view name) const {
  for (const auto& secret : secrets) {
    if (secret.name == name) return &secret;
  }
  return nullptr;
}

}  // namespace unity::host
