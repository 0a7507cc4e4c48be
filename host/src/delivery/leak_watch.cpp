#include "delivery/leak_watch.hpp"

#include <fmt/format.h>

namespace unity::host {

std::vector<std::string> LeakWatch::take_new(const DeliveryState& delivery) {
  std::vector<std::string> sentences;
  decltype(told_) going_on;
  for (const auto& storage : delivery.storages) {
    if (!storage.writer.pool) continue;
    for (const auto& leak : storage.writer.pool->leaks) {
      const std::pair key(storage.id, leak.lease);
      going_on.insert(key);
      if (told_.contains(key)) continue;
      const auto held = std::chrono::duration_cast<std::chrono::seconds>(leak.held);
      sentences.push_back(
          fmt::format("storage {}: a connection has been held for {} by {}: its statement may "
                      "hang, or it was not given back",
                      storage.id, to_text(held), leak.holder));
    }
  }
  told_ = std::move(going_on);
  return sentences;
}

}  // namespace unity::host
