#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "control/control.hpp"
#include "control/socket_path.hpp"
#include "runtime/acceptor.hpp"

namespace unity::host {
namespace {

using boost::system::error_code;
using Protocol = boost::asio::local::stream_protocol;

// One question and its answer. Keeps itself alive by the handlers that hold it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Protocol::socket socket, std::shared_ptr<const ControlHandler> handler)
      : socket_(std::move(socket)), handler_(std::move(handler)) {}

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
    reply_ = (*handler_)(command);
    boost::asio::async_write(socket_, boost::asio::buffer(reply_),
                             [self = shared_from_this()](error_code, std::size_t) {});
  }

  Protocol::socket socket_;
  std::shared_ptr<const ControlHandler> handler_;
  std::array<char, 256> buffer_;
  std::size_t filled_ = 0;
  std::string reply_;
};

}  // namespace

class ControlServer::Impl {
 public:
  Impl(EventLoop& loop, const std::filesystem::path& state_dir, ControlHandler handler)
      : path_(state_dir),
        acceptor_(std::make_shared<Acceptor<Protocol>>(
            loop, [handler = std::make_shared<const ControlHandler>(std::move(handler))](
                      Protocol::socket socket) {
              std::make_shared<Session>(std::move(socket), handler)->read();
            })) {}
  ~Impl() {
    acceptor_->close();
    ::unlink(path_.address().c_str());
  }

  error_code open() {
    error_code error;
    ::unlink(path_.address().c_str());
    auto& socket = acceptor_->socket();
    socket.open(Protocol(), error);
    // Nobody but our user, from the first moment on.
    const auto mask = ::umask(0177);
    if (!error) socket.bind(Protocol::endpoint(path_.address()), error);
    ::umask(mask);
    if (!error) socket.listen(16, error);
    if (!error) acceptor_->accept();
    return error;
  }

 private:
  SocketPath path_;
  std::shared_ptr<Acceptor<Protocol>> acceptor_;
};

ControlServer::ControlServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlServer::~ControlServer() = default;

Result<std::unique_ptr<ControlServer>> ControlServer::listen(EventLoop& loop,
                                                             const std::filesystem::path& state_dir,
                                                             ControlHandler handler) {
  auto impl = std::make_unique<Impl>(loop, state_dir, std::move(handler));
  if (const auto error = impl->open()) {
    return Error{Errc::unavailable, fmt::format("cannot open the control socket in {}: {}",
                                                state_dir.string(), error.message())};
  }
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

}  // namespace unity::host
