// Accepts connections on the control thread until it is closed.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "runtime/event_loop.hpp"

namespace unity::host {

// Hold it in a shared_ptr: an accept that is under way keeps it alive.
template <class Protocol>
class Acceptor : public std::enable_shared_from_this<Acceptor<Protocol>> {
 public:
  using Socket = typename Protocol::socket;

  // `serve` is called with each new connection. Nothing is accepted before accept().
  Acceptor(EventLoop& loop, std::function<void(Socket)> serve)
      : acceptor_(loop.context()), pause_(loop.context()), serve_(std::move(serve)) {}

  // To be opened, bound and put to listen by the owner.
  typename Protocol::acceptor& socket() { return acceptor_; }

  void accept() {
    acceptor_.async_accept(
        [self = this->shared_from_this()](boost::system::error_code error, Socket socket) {
          if (!self->acceptor_.is_open()) return;
          if (error) return self->pause();
          self->serve_(std::move(socket));
          self->accept();
        });
  }

  void close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  // Out of descriptors, most likely: the connection still waits and would fail again at once.
  void pause() {
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([self = this->shared_from_this()](boost::system::error_code error) {
      if (!error) self->accept();
    });
  }

  typename Protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::function<void(Socket)> serve_;
};

}  // namespace unity::host
