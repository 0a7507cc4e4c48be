// Whether a network interface is up and how fast it is, from /sys/class/net.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "support/root.hpp"

namespace unity::plugins::network {

struct LinkState {
  bool up = false;
  std::optional<std::uint64_t> bytes_per_second;  // of what has a speed and is up
};

class Link {
 public:
  Link(const Root& root, std::string_view interface);

  // Nothing if /sys does not tell. `now_ns` is monotonic. Unless `keep_open`, no descriptor is
  // held between reads. Throws ReadError.
  std::optional<LinkState> read(std::uint64_t now_ns, bool keep_open);

 private:
  std::optional<std::uint64_t> read_speed();

  KeptFile operstate_;
  KeptFile speed_;
  std::string last_state_;
  std::uint64_t speed_read_ns_ = 0;
  std::optional<std::uint64_t> bytes_per_second_;
};

// "unknown" is what drivers without link detection say while the interface is up.
bool is_up(std::string_view operstate);

}  // namespace unity::plugins::network
