#include "network/links.hpp"

namespace unity::plugins::network {
namespace {

// The speed costs a question to the driver, under a lock of the whole network stack. It changes
// only when the link is negotiated again, so it is asked after changes of state and seldom else.
constexpr std::uint64_t kSpeedAgeMaxNs = 60'000'000'000;
constexpr std::uint64_t kBytesPerMegabit = 125'000;

std::string folder(std::string_view interface) {
  return "/sys/class/net/" + std::string(interface);
}

}  // namespace

Link::Link(const Root& root, std::string_view interface)
    : operstate_(root.file(folder(interface) + "/operstate")),
      speed_(root.file(folder(interface) + "/speed")) {}

std::optional<LinkState> Link::read(std::uint64_t now_ns, bool keep_open) {
  const auto text = operstate_.read();
  if (!text) return std::nullopt;
  if (!keep_open) operstate_.release();
  const auto state = Fields(text->body).next();
  if (state != last_state_ || now_ns - speed_read_ns_ >= kSpeedAgeMaxNs) {
    last_state_ = state;
    speed_read_ns_ = now_ns;
    bytes_per_second_ = is_up(state) ? read_speed() : std::nullopt;
  }
  return LinkState{is_up(state), bytes_per_second_};
}

// Virtual interfaces answer with an error or with -1.
std::optional<std::uint64_t> Link::read_speed() {
  const auto text = speed_.read();
  speed_.release();
  std::int64_t megabits = 0;
  if (!text || !parse_number(Fields(text->body).next(), megabits) || megabits <= 0) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(megabits) * kBytesPerMegabit;
}

bool is_up(std::string_view operstate) { return operstate == "up" || operstate == "unknown"; }

}  // namespace unity::plugins::network
