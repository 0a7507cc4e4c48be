// Shows a screen on standard output again and again: redrawn in place on a terminal, otherwise
// printed from time to time, so that it can be piped or logged.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "runtime/event_loop.hpp"

namespace unity::host {

class LiveView {
 public:
  // `render` makes the screen for a width in columns. Shown a moment later, when the first values
  // are there, and then until destroyed.
  LiveView(EventLoop& loop, std::function<std::string(std::size_t width)> render);
  ~LiveView();

 private:
  void show();

  Timer timer_;
  std::function<std::string(std::size_t)> render_;
  bool terminal_;
};

}  // namespace unity::host
