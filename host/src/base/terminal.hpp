// The terminal at the other end of a descriptor.
#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <optional>

namespace unity::host {

struct TerminalSize {
  std::size_t columns;
  std::size_t rows;
};

// Nothing if it is no terminal. One that does not know its size counts as 80 by 24.
inline std::optional<TerminalSize> terminal_size(int descriptor) {
  if (::isatty(descriptor) == 0) return std::nullopt;
  winsize size{};
  const bool told = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return told ? TerminalSize{size.ws_col, size.ws_row} : TerminalSize{80, 24};
}

}  // namespace unity::host
