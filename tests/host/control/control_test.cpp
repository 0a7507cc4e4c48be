#include "control/control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <thread>

#include "support/temp_dir.hpp"

namespace unity::host {
namespace {

using testing::HasSubstr;

const json::Value kStatus{json::Object{{"command", "status"}}};

// Answers each status with the same value.
ControlCommands answering(json::Value value) {
  return {{"status", [value = std::move(value)](const json::Value&, const ControlReply& reply) {
             reply(value);
           }}};
}

// A server on its own thread until the end of the test.
class ControlTest : public testing::Test {
 protected:
  void serve(const std::filesystem::path& state_dir, ControlCommands commands) {
    auto server = ControlServer::listen(loop_, state_dir, std::move(commands));
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

TEST_F(ControlTest, AnswersACommandWithItsArguments) {
  serve(temp_.path(), {{"echo", [](const json::Value& request, const ControlReply& reply) {
                          reply(*request.find("instance"));
                        }}});

  const auto reply =
      ask_host(temp_.path(), json::Object{{"command", "echo"}, {"instance", "disk"}});

  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(*reply, json::Value("disk"));
}

TEST_F(ControlTest, WaitsForAnAnswerThatComesLater) {
  serve(temp_.path(), {{"status", [this](const json::Value&, const ControlReply& reply) {
                          loop_.post([reply] {
                            reply(json::Value("late"));
                            reply(json::Value("and again"));
                          });
                        }}});

  const auto reply = ask_host(temp_.path(), kStatus);

  ASSERT_TRUE(reply);
  EXPECT_EQ(*reply, json::Value("late"));
}

TEST_F(ControlTest, RefusesMoreRequestsAtATimeThanItsBound) {
  std::vector<ControlReply> waiting;  // holds their sessions open
  serve(temp_.path(), {{"wait", [&](const json::Value&, ControlReply reply) {
                          waiting.push_back(std::move(reply));
                        }}});
  using Protocol = boost::asio::local::stream_protocol;
  const Protocol::endpoint address((temp_.path() / "unity.sock").string());
  boost::asio::io_context context;
  std::vector<Protocol::socket> clients;
  for (int i = 0; i < 64; ++i) {
    clients.emplace_back(context).connect(address);
    boost::asio::write(clients.back(), boost::asio::buffer("{\"command\":\"wait\"}\n", 19));
  }

  const auto refused = ask_host(temp_.path(), json::Object{{"command", "wait"}});
  loop_.stop();
  thread_.join();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("64 requests already"));
}

TEST_F(ControlTest, PassesOnWhatWentWrong) {
  serve(temp_.path(), {{"status", [](const json::Value&, const ControlReply& reply) {
                          reply(Error{Errc::refused, "not today"});
                        }}});

  const auto reply = ask_host(temp_.path(), kStatus);

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::refused);
  EXPECT_EQ(reply.error().message, "not today");
}

TEST_F(ControlTest, RefusesWhatItDoesNotKnow) {
  serve(temp_.path(), {});

  EXPECT_EQ(ask_host(temp_.path(), kStatus).error().code, Errc::invalid);
  EXPECT_EQ(ask_host(temp_.path(), json::Value("status")).error().code, Errc::invalid);
}

TEST_F(ControlTest, SaysSoWhenTheHostEndsBeforeItAnswers) {
  serve(temp_.path(), {{"status", [](const json::Value&, const ControlReply&) {}}});

  const auto reply = ask_host(temp_.path(), kStatus);

  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("ended before it answered"));
}

TEST_F(ControlTest, SendsALongAnswerWhole) {
  const json::Value answer(std::string(3'000'000, 'x'));
  serve(temp_.path(), answering(answer));

  const auto reply = ask_host(temp_.path(), kStatus);

  ASSERT_TRUE(reply);
  EXPECT_EQ(*reply, answer);
}

TEST_F(ControlTest, WorksInAFolderWhosePathIsTooLongForASocket) {
  const auto deep = temp_ / std::string(100, 'a') / std::string(100, 'b');
  std::filesystem::create_directories(deep);
  serve(deep, answering(1));

  EXPECT_TRUE(ask_host(deep, kStatus));
}

TEST_F(ControlTest, LetsNobodyElseIn) {
  serve(temp_.path(), answering(1));

  struct stat status {};
  ASSERT_EQ(::stat((temp_ / "unity.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(ControlTest, ReplacesASocketThatWasLeftOver) {
  std::ofstream(temp_ / "unity.sock") << "left over";

  serve(temp_.path(), answering(1));

  EXPECT_TRUE(ask_host(temp_.path(), kStatus));
}

TEST_F(ControlTest, ServesOthersBesideAClientThatSaysNothing) {
  serve(temp_.path(), answering(1));
  boost::asio::io_context context;
  boost::asio::local::stream_protocol::socket silent(context);
  silent.connect((temp_ / "unity.sock").string());

  EXPECT_TRUE(ask_host(temp_.path(), kStatus));
}

TEST_F(ControlTest, HangsUpOnARequestThatIsTooLong) {
  serve(temp_.path(), answering(1));

  EXPECT_FALSE(ask_host(temp_.path(), json::Object{{"command", std::string(100'000, 'x')}}));
  EXPECT_TRUE(ask_host(temp_.path(), kStatus));
}

TEST(AskHost, SaysSoWhenNoHostRuns) {
  const test::TempDir temp;

  const auto reply = ask_host(temp.path(), kStatus);

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::unavailable);
  EXPECT_THAT(reply.error().message, HasSubstr("no host answers on " + temp.path().string()));
}

TEST(AskHost, SaysSoWhenThereIsNoSuchFolder) {
  const auto reply = ask_host("/nowhere", kStatus);

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace unity::host
