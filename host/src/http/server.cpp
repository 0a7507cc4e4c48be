#include "http/server.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>

#include "runtime/acceptor.hpp"

namespace unity::host {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kConnectionsMax = 64;
constexpr std::uint32_t kHeaderSizeMax = 8 * 1024;
constexpr auto kIdleTimeout = std::chrono::seconds(15);

std::string serialise(const HttpResponse& response, bool keep_alive, bool head_only) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  auto text = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {}\r\n"
      "X-Content-Type-Options: nosniff\r\n\r\n",
      response.status, std::string_view(reason.data(), reason.size()), response.content_type,
      response.body.size(), keep_alive ? "keep-alive" : "close");
  if (!head_only) text += response.body;
  return text;
}

// One connection. Keeps itself alive by the handlers that hold it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, std::shared_ptr<const HttpHandler> handler,
          std::shared_ptr<std::size_t> open)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        handler_(std::move(handler)),
        open_(std::move(open)) {
    ++*open_;
  }
  ~Session() { --*open_; }

  void begin() {
    parser_.emplace();
    parser_->header_limit(kHeaderSizeMax);
    parser_->body_limit(boost::none);  // a body is never read
    timer_.expires_after(kIdleTimeout);
    timer_.async_wait([weak = weak_from_this()](error_code error) {
      if (const auto self = weak.lock(); self && !error) self->close();
    });
    // A pipelined request may already be here.
    if (unread_ > 0) {
      parse();
    } else {
      read();
    }
  }

 private:
  void read() {
    if (unread_ == buffer_.size()) {
      refuse_size();
      return;
    }
    socket_.async_read_some(asio::buffer(buffer_.data() + unread_, buffer_.size() - unread_),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                              if (error) return self->close();
                              self->unread_ += size;
                              self->parse();
                            });
  }

  void parse() {
    error_code error;
    const auto used = parser_->put(asio::buffer(buffer_.data(), unread_), error);
    std::copy(buffer_.begin() + used, buffer_.begin() + unread_, buffer_.begin());
    unread_ -= used;
    if (error == http::error::header_limit) {
      refuse_size();
    } else if (error && error != http::error::need_more) {
      answer({400, "text/plain", fmt::format("bad request: {}\n", error.message())}, false);
    } else if (!parser_->is_header_done()) {
      read();
    } else {
      respond();
    }
  }

  void refuse_size() { answer({431, "text/plain", "the request's header is too large\n"}, false); }

  void respond() {
    const auto& request = parser_->get();
    // Nobody reads the body of a request, so nothing can follow one that has a body.
    const bool keep_alive = request.keep_alive() && parser_->is_done();
    const bool head = request.method() == http::verb::head;
    if (!head && request.method() != http::verb::get) {
      answer({405, "text/plain", "only GET and HEAD are served\n"}, false);
      return;
    }
    std::string_view path(request.target().data(), request.target().size());
    answer((*handler_)(path.substr(0, path.find('?'))), keep_alive, head);
  }

  void answer(const HttpResponse& response, bool keep_alive, bool head = false) {
    reply_ = serialise(response, keep_alive, head);
    asio::async_write(socket_, asio::buffer(reply_),
                      [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
                        if (error) return self->close();
                        if (!keep_alive) return self->hang_up();
                        self->begin();
                      });
  }

  // Closing with something unread resets the connection, and the client may lose the answer: so
  // what still comes is read and forgotten, as long as the timer allows.
  void hang_up() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    drain();
  }
  void drain() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->close();
                              self->drain();
                            });
  }

  void close() {
    error_code ignored;
    timer_.cancel();
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  std::shared_ptr<const HttpHandler> handler_;
  std::shared_ptr<std::size_t> open_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  std::array<char, kHeaderSizeMax> buffer_;
  std::size_t unread_ = 0;
  std::string reply_;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(EventLoop& loop, HttpHandler handler)
      : acceptor_(std::make_shared<Acceptor<tcp>>(
            loop, [handler = std::make_shared<const HttpHandler>(std::move(handler)),
                   open = std::make_shared<std::size_t>(0)](tcp::socket socket) {
              if (*open >= kConnectionsMax) return;
              std::make_shared<Session>(std::move(socket), handler, open)->begin();
            })) {}
  ~Impl() { acceptor_->close(); }

  error_code open(const std::string& address, std::uint16_t port) {
    error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) return error;
    const tcp::endpoint endpoint(ip, port);
    auto& socket = acceptor_->socket();
    socket.open(endpoint.protocol(), error);
    if (!error) socket.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) socket.bind(endpoint, error);
    if (!error) socket.listen(tcp::acceptor::max_listen_connections, error);
    if (!error) acceptor_->accept();
    return error;
  }

  std::string url() const {
    const auto endpoint = acceptor_->socket().local_endpoint();
    const auto address = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("http://[{}]:{}", address, endpoint.port())
                                      : fmt::format("http://{}:{}", address, endpoint.port());
  }

 private:
  std::shared_ptr<Acceptor<tcp>> acceptor_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::listen(EventLoop& loop, const std::string& address,
                                                       std::uint16_t port, HttpHandler handler) {
  auto impl = std::make_unique<Impl>(loop, std::move(handler));
  if (const auto error = impl->open(address, port)) {
    return Error{Errc::unavailable,
                 fmt::format("cannot listen for HTTP on {} port {}: {}; free the port or change "
                             "`http.listen`",
                             address, port, error.message())};
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::string HttpServer::url() const { return impl_->url(); }

}  // namespace unity::host
