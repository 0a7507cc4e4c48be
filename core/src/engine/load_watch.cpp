#include "unity/core/engine/load_watch.hpp"

#include <fmt/format.h>

namespace unity {
namespace {

// "10,000"
std::string grouped(std::uint64_t number) {
  auto text = fmt::to_string(number);
  for (auto place = static_cast<int>(text.size()) - 3; place > 0; place -= 3) {
    text.insert(static_cast<std::size_t>(place), 1, ',');
  }
  return text;
}

}  // namespace

bool LoadWatch::look(Instant now, std::uint64_t started, std::uint64_t missed_for_room) {
  if (now - since_ < kWindow) return false;
  const auto seconds = std::chrono::duration<double>(now - since_).count();
  const auto runs = started - started_;
  const auto missed = missed_for_room - missed_;
  since_ = now;
  started_ = started;
  missed_ = missed_for_room;
  const bool warned = !warning_.empty();
  warning_ = missed == 0 ? std::string()
                         : fmt::format(
                               "{} of {} due runs were started in the last {:.0f} s; raise "
                               "`collection.max_concurrent` (or `max_per_target`), lengthen "
                               "intervals, or watch fewer things",
                               grouped(runs), grouped(runs + missed), seconds);
  return warned != !warning_.empty();
}

}  // namespace unity
