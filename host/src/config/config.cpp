#include "config/config.hpp"

namespace unity::host {

Location InstanceConfig::locate_option(std::string_view pointer) const {
  while (true) {
    const auto found = option_locations.find(pointer);
    if (found != option_locations.end()) return found->second;
    if (pointer.empty()) return location;
    const auto parent_end = pointer.rfind('/');
    pointer = pointer.substr(0, parent_end == pointer.npos ? 0 : parent_end);
  }
}

}  // namespace unity::host
