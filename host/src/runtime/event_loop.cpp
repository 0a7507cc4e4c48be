#include "runtime/event_loop.hpp"

#include <boost/asio/post.hpp>
#include <csignal>

namespace unity::host {

EventLoop::EventLoop()
    : context_(1),
      guard_(boost::asio::make_work_guard(context_)),
      signals_(context_),
      reload_signal_(context_) {}

void EventLoop::post(std::function<void()> work) { boost::asio::post(context_, std::move(work)); }

void EventLoop::on_stop_signal(std::function<void()> handler) {
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  signals_.async_wait([this, handler = std::move(handler)](boost::system::error_code error, int) {
    if (error) return;
    handler();
    on_stop_signal(handler);
  });
}

void EventLoop::on_reload_signal(std::function<void()> handler) {
  reload_signal_.add(SIGHUP);
  reload_signal_.async_wait(
      [this, handler = std::move(handler)](boost::system::error_code error, int) {
        if (error) return;
        handler();
        on_reload_signal(handler);
      });
}

void Timer::set(Instant when, std::function<void()> handler) {
  timer_.expires_at(when);
  timer_.async_wait([handler = std::move(handler)](boost::system::error_code error) {
    if (!error) handler();
  });
}

}  // namespace unity::host
