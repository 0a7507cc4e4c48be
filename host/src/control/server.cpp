#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "control/control.hpp"
#include "control/socket_path.hpp"
#include "runtime/acceptor.hpp"

namespace unity::host {
namespace {

using boost::system::error_code;
using Protocol = boost::asio::local::stream_protocol;

constexpr std::size_t kRequestMax = std::size_t{64} << 10;
// Questions that are open at a time; each may wait for a run. As many more are read, to be told so.
constexpr std::size_t kSessionsMax = 64;

// What all sessions share. Used on the control thread.
struct Sessions {
  ControlCommands commands;
  std::size_t open = 0;
};

// One question and its answer. Keeps itself alive by the handlers that hold it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Protocol::socket socket, std::shared_ptr<Sessions> all)
      : socket_(std::move(socket)), all_(std::move(all)) {
    ++all_->open;
  }
  ~Session() { --all_->open; }

  void begin() {
    crowded_ = all_->open > kSessionsMax;
    if (all_->open <= 2 * kSessionsMax) read();
  }

 private:
  void read() {
    boost::asio::async_read_until(socket_, boost::asio::dynamic_buffer(line_, kRequestMax), '\n',
                                  [self = shared_from_this()](error_code error, std::size_t size) {
                                    if (error) return;
                                    self->line_.resize(size - 1);
                                    self->serve();
                                  });
  }

  void serve() {
    if (crowded_) {
      return answer(
          Error{Errc::unavailable,
                fmt::format("the host serves {} requests already; try again", kSessionsMax)});
    }
    const auto request = json::parse(line_);
    const auto* command = request ? request->find("command") : nullptr;
    if (command == nullptr || command->string() == nullptr) {
      return answer(Error{Errc::invalid, "a request is a line of JSON with a \"command\""});
    }
    const auto found = all_->commands.find(*command->string());
    if (found == all_->commands.end()) {
      return answer(Error{Errc::invalid,
                          fmt::format("unknown command \"{}\"; is the host of another version?",
                                      *command->string())});
    }
    found->second(*request, [self = shared_from_this()](const Result<json::Value>& result) {
      self->answer(result);
    });
  }

  void answer(const Result<json::Value>& result) {
    if (!reply_.empty()) return;
    reply_ =
        json::dump(result ? *result
                          : json::Value(json::Object{
                                {"error", json::Object{{"code", to_text(result.error().code)},
                                                       {"message", result.error().message}}}}));
    boost::asio::async_write(socket_, boost::asio::buffer(reply_),
                             [self = shared_from_this()](error_code, std::size_t) {});
  }

  Protocol::socket socket_;
  std::shared_ptr<Sessions> all_;
  bool crowded_ = false;  // to be refused
  std::string line_;
  std::string reply_;
};

}  // namespace

class ControlServer::Impl {
 public:
  Impl(EventLoop& loop, const std::filesystem::path& state_dir, ControlCommands commands)
      : path_(state_dir),
        acceptor_(std::make_shared<Acceptor<Protocol>>(
            loop, [all = std::make_shared<Sessions>(Sessions{std::move(commands), 0})](
                      Protocol::socket socket) {
              std::make_shared<Session>(std::move(socket), all)->begin();
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
                                                             ControlCommands commands) {
  auto impl = std::make_unique<Impl>(loop, state_dir, std::move(commands));
  if (const auto error = impl->open()) {
    return Error{Errc::unavailable, fmt::format("cannot open the control socket in {}: {}",
                                                state_dir.string(), error.message())};
  }
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

}  // namespace unity::host
