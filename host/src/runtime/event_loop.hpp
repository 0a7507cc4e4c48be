// The control thread's loop: timers, signals and work posted from other threads. The state of the
// host belongs to the thread that calls run(); nothing of it needs a lock.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "unity/core/base/time.hpp"

namespace unity::host {

class EventLoop {
 public:
  EventLoop();

  // Serves until stop(). The calling thread becomes the control thread.
  void run() { context_.run(); }
  void stop() { context_.stop(); }  // any thread

  void post(std::function<void()> work);  // any thread
  // Calls `handler` for SIGINT and SIGTERM, each time one comes.
  void on_stop_signal(std::function<void()> handler);
  void on_reload_signal(std::function<void()> handler);  // the same for SIGHUP

  boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  boost::asio::signal_set signals_;
  boost::asio::signal_set reload_signal_;
};

// Calls one handler at one moment. Used on the control thread only.
class Timer {
 public:
  explicit Timer(EventLoop& loop) : timer_(loop.context()) {}

  // Replaces what was set before.
  void set(Instant when, std::function<void()> handler);
  void cancel() { timer_.cancel(); }

 private:
  boost::asio::steady_timer timer_;
};

}  // namespace unity::host
