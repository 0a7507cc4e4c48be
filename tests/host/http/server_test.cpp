#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>
#include <vector>

namespace unity::host {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A client that speaks in raw bytes, as a hostile one would.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }

  // What a server that has hung up does not take is no fault of the client.
  void send(std::string_view bytes) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(bytes), ignored);
  }

  // One response with a body of the length that it announces.
  std::string receive() {
    boost::system::error_code error;
    const auto header =
        asio::read_until(socket_, asio::dynamic_buffer(waiting_), "\r\n\r\n", error);
    if (error) return "no response: " + error.message();
    const auto field = waiting_.find("Content-Length: ");
    const auto length = std::stoul(waiting_.substr(field + 16));
    const auto whole = header + length;
    if (waiting_.size() < whole) {
      asio::read(socket_, asio::dynamic_buffer(waiting_),
                 asio::transfer_exactly(whole - waiting_.size()), error);
    }
    auto response = waiting_.substr(0, whole);
    waiting_.erase(0, whole);
    return response;
  }

  // Everything until the server hangs up.
  std::string receive_all() {
    boost::system::error_code error;
    asio::read(socket_, asio::dynamic_buffer(waiting_), error);
    return waiting_;
  }

 private:
  asio::io_context context_;
  tcp::socket socket_;
  std::string waiting_;
};

class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = HttpServer::listen(loop_, "127.0.0.1", 0, [](std::string_view path) {
      if (path == "/large") return HttpResponse{200, "text/plain", std::string(4 << 20, 'x')};
      if (path == "/here") return HttpResponse{200, "text/plain", "here\n"};
      return HttpResponse{404, "text/plain", "nothing at " + std::string(path) + "\n"};
    });
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    const auto url = server_->url();
    port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    thread_ = std::thread([this] { loop_.run(); });
  }
  void TearDown() override {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

  EventLoop loop_;
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(HttpServerTest, AnswersAGet) {
  Client client(port_);
  client.send("GET /here HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_THAT(client.receive(),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 5\r\n"),
                    HasSubstr("Connection: keep-alive\r\n"), EndsWith("\r\n\r\nhere\n")));
}

TEST_F(HttpServerTest, KeepsTheConnectionForTheNextRequest) {
  Client client(port_);
  for (int i = 0; i < 3; ++i) {
    client.send("GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.receive(), EndsWith("here\n"));
  }
}

TEST_F(HttpServerTest, ClosesTheConnectionWhenAsked) {
  Client client(port_);
  client.send("GET /here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  EXPECT_THAT(client.receive_all(), HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpServerTest, ClosesTheConnectionOfAnOldClient) {
  Client client(port_);
  client.send("GET /here HTTP/1.0\r\n\r\n");

  EXPECT_THAT(client.receive_all(), EndsWith("here\n"));
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  Client client(port_);
  client.send(
      "GET /here HTTP/1.1\r\nHost: x\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /b HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_THAT(client.receive(), EndsWith("here\n"));
  EXPECT_THAT(client.receive(), EndsWith("nothing at /a\n"));
  EXPECT_THAT(client.receive(), EndsWith("nothing at /b\n"));
}

TEST_F(HttpServerTest, AnswersARequestThatComesInPieces) {
  Client client(port_);
  for (const char byte : std::string_view("GET /here HTTP/1.1\r\nHost: x\r\n\r\n")) {
    client.send({&byte, 1});
  }

  EXPECT_THAT(client.receive(), EndsWith("here\n"));
}

TEST_F(HttpServerTest, SendsNoBodyForHead) {
  Client client(port_);
  client.send("HEAD /here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  EXPECT_THAT(client.receive_all(),
              AllOf(HasSubstr("Content-Length: 5\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpServerTest, LeavesOutTheQueryString) {
  Client client(port_);
  client.send("GET /here?a=b HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_THAT(client.receive(), EndsWith("here\n"));
}

TEST_F(HttpServerTest, SendsALargeBodyWhole) {
  Client client(port_);
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_GT(client.receive().size(), std::size_t{4} << 20);
}

TEST_F(HttpServerTest, PassesOnA404) {
  Client client(port_);
  client.send("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 404 Not Found\r\n"));
}

TEST_F(HttpServerTest, RefusesOtherMethods) {
  for (const auto* method : {"DELETE", "PUT", "OPTIONS"}) {
    Client client(port_);
    client.send(std::string(method) + " /here HTTP/1.1\r\nHost: x\r\n\r\n");

    EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 405 Method Not Allowed\r\n")) << method;
  }
}

TEST_F(HttpServerTest, RefusesAPostWithABody) {
  Client client(port_);
  client.send("POST /here HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");

  EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 405 "));
}

// The body would be taken for the next request: that is how requests are smuggled.
TEST_F(HttpServerTest, HangsUpAfterAGetWithABody) {
  Client client(port_);
  client.send(
      "GET /here HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n\r\n"
      "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_THAT(client.receive_all(), AllOf(StartsWith("HTTP/1.1 "), Not(HasSubstr("smuggled"))));
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttp) {
  Client client(port_);
  client.send("\x16\x03\x01\x02 this is no request\r\n\r\n");

  EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(HttpServerTest, RefusesAHeaderThatIsTooLarge) {
  Client client(port_);
  client.send("GET /here HTTP/1.1\r\nHost: x\r\nCookie: " + std::string(100'000, 'x') + "\r\n\r\n");

  EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, ServesOthersBesideASlowClient) {
  Client slow(port_);
  slow.send("GET /he");
  Client other(port_);
  other.send("GET /here HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_THAT(other.receive(), EndsWith("here\n"));

  slow.send("re HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(slow.receive(), EndsWith("here\n"));
}

TEST_F(HttpServerTest, ServesOthersBesideAClientThatDoesNotReadItsAnswer) {
  Client greedy(port_);
  for (int i = 0; i < 20; ++i) greedy.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  Client other(port_);
  other.send("GET /here HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_THAT(other.receive(), EndsWith("here\n"));
}

TEST_F(HttpServerTest, BoundsTheNumberOfConnections) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(std::make_unique<Client>(port_));
    clients.back()->send("GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_THAT(clients.back()->receive(), EndsWith("here\n"));
  }
  Client one_too_many(port_);
  EXPECT_EQ(one_too_many.receive_all(), "");
}

TEST_F(HttpServerTest, SaysWhyAPortCannotBeUsed) {
  const auto second = HttpServer::listen(loop_, "127.0.0.1", port_,
                                         [](std::string_view) { return HttpResponse(); });

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::unavailable);
  EXPECT_THAT(second.error().message,
              AllOf(HasSubstr("port " + std::to_string(port_)), HasSubstr("`http.listen`")));
}

}  // namespace
}  // namespace unity::host
