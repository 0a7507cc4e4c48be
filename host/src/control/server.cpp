#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "control/control.hpp"
#include "control/socket_path.hpp"

namespace unity::host {
namespace {

using boost::system::error_code;
using Protocol = boost::asio::local::stream_protocol;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);

// One question and its answer. Keeps itself alive by the handlers that hold it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Protocol::socket socket, const ControlHandler& handler)
      : socket_(std::move(socket)), handler_(handler) {}

  void read() {
    socket_.async_read_some(boost::asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              if (error) return;
                              self->filled_ += size;
                              const std::string_view text(self->buffer_.data(), self->filled_);
                              const auto end = text.find('\n');
                              if (end != text.npos) {
                                self->answer(text.substr(0, end));
                              } else if (self->filled_ < self->buffer_.size()) {
                                self->read();
                              }
                            });
  }

 private:
  void answer(std::string_view command) {
    reply_ = handler_(command);
    boost::asio::async_write(socket_, boost::asio::buffer(reply_),
                             [self = shared_from_this()](error_code, std::size_t) {});
  }

  Protocol::socket socket_;
  const ControlHandler& handler_;
  std::array<char, 256> buffer_;
  std::size_t filled_ = 0;
  std::string reply_;
};

}  // namespace

class ControlServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(EventLoop& loop, const std::filesystem::path& state_dir, ControlHandler handler)
      : path_(state_dir),
        acceptor_(loop.context()),
        pause_(loop.context()),
        handler_(std::move(handler)) {}

  error_code open() {
    error_code error;
    ::unlink(path_.address().c_str());
    acceptor_.open(Protocol(), error);
    // Nobody but our user, from the first moment on.
    const auto mask = ::umask(0177);
    if (!error) acceptor_.bind(Protocol::endpoint(path_.address()), error);
    ::umask(mask);
    if (!error) acceptor_.listen(16, error);
    return error;
  }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, Protocol::socket socket) {
      if (!self->acceptor_.is_open()) return;
      if (!error) {
        std::make_shared<Session>(std::move(socket), self->handler_)->read();
        return self->accept();
      }
      // Out of descriptors, most likely: the connection still waits and would fail again at once.
      self->pause_.expires_after(kAcceptPause);
      self->pause_.async_wait([self](error_code stopped) {
        if (!stopped) self->accept();
      });
    });
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    ::unlink(path_.address().c_str());
  }

 private:
  SocketPath path_;
  Protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  ControlHandler handler_;
};

ControlServer::ControlServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlServer::~ControlServer() { impl_->close(); }

Result<std::unique_ptr<ControlServer>> ControlServer::listen(EventLoop& loop,
                                                             const std::filesystem::path& state_dir,
                                                             ControlHandler handler) {
  auto impl = std::make_shared<Impl>(loop, state_dir, std::move(handler));
  if (const auto error = impl->open()) {
    return Error{Errc::unavailable, fmt::format("cannot open the control socket in {}: {}",
                                                state_dir.string(), error.message())};
  }
  impl->accept();
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

}  // namespace unity::host
