#include "control/control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <fstream>
#include <thread>

#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

using testing::HasSubstr;

// A server on its own thread until the end of the test.
class ControlTest : public testing::Test {
 protected:
  void serve(const std::filesystem::path& state_dir, ControlHandler handler) {
    auto server = ControlServer::listen(loop_, state_dir, std::move(handler));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    thread_ = std::thread([this] { loop_.run(); });
  }
  void TearDown() override {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

  test::TempDir temp_;
  EventLoop loop_;
  std::unique_ptr<ControlServer> server_;
  std::thread thread_;
};

TEST_F(ControlTest, AnswersACommand) {
  serve(temp_.path(), [](std::string_view command) { return "{" + std::string(command) + "}"; });

  const auto reply = ask_host(temp_.path(), "status");

  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(*reply, "{status}");
}

TEST_F(ControlTest, SendsALongAnswerWhole) {
  const std::string answer(3'000'000, 'x');
  serve(temp_.path(), [&](std::string_view) { return answer; });

  const auto reply = ask_host(temp_.path(), "status");

  ASSERT_TRUE(reply);
  EXPECT_EQ(*reply, answer);
}

TEST_F(ControlTest, WorksInAFolderWhosePathIsTooLongForASocket) {
  const auto deep = temp_ / std::string(100, 'a') / std::string(100, 'b');
  std::filesystem::create_directories(deep);
  serve(deep, [](std::string_view) { return "{}"; });

  EXPECT_TRUE(ask_host(deep, "status"));
}

TEST_F(ControlTest, LetsNobodyElseIn) {
  serve(temp_.path(), [](std::string_view) { return "{}"; });

  struct stat status {};
  ASSERT_EQ(::stat((temp_ / "unity.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(ControlTest, ReplacesASocketThatWasLeftOver) {
  std::ofstream(temp_ / "unity.sock") << "left over";

  serve(temp_.path(), [](std::string_view) { return "{}"; });

  EXPECT_TRUE(ask_host(temp_.path(), "status"));
}

TEST_F(ControlTest, ServesOthersBesideAClientThatSaysNothing) {
  serve(temp_.path(), [](std::string_view) { return "{}"; });
  boost::asio::io_context context;
  boost::asio::local::stream_protocol::socket silent(context);
  silent.connect((temp_ / "unity.sock").string());

  EXPECT_TRUE(ask_host(temp_.path(), "status"));
}

TEST_F(ControlTest, HangsUpOnACommandThatIsTooLong) {
  serve(temp_.path(), [](std::string_view) { return "{}"; });

  const auto reply = ask_host(temp_.path(), std::string(5000, 'x'));

  EXPECT_TRUE(!reply || reply->empty());
  EXPECT_TRUE(ask_host(temp_.path(), "status"));
}

TEST(AskHost, SaysSoWhenNoHostRuns) {
  const test::TempDir temp;

  const auto reply = ask_host(temp.path(), "status");

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::unavailable);
  EXPECT_THAT(reply.error().message, HasSubstr("no host answers on " + temp.path().string()));
}

TEST(AskHost, SaysSoWhenThereIsNoSuchFolder) {
  const auto reply = ask_host("/nowhere", "status");

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace unity::host
