// What is sent from several places arrives as one message.
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "worker/protocol/channel.hpp"
#include "worker/protocol/messages.hpp"

namespace unity::host {
namespace {

// Sent by one thread, as it may be more than the socket holds, and received by another.
std::string pass(std::span<const std::string_view> parts) {
  auto ends = Channel::make();
  EXPECT_TRUE(ends);
  bool sent = false;
  std::thread sender([&] { sent = ends->first.send_parts(parts); });
  std::string received;
  if (ends->second.receive()) received = ends->second.message();
  sender.join();
  EXPECT_TRUE(sent);
  return received;
}

std::string joined(std::span<const std::string_view> parts) {
  std::string all;
  for (const auto part : parts) all += part;
  return all;
}

TEST(Parts, OfOnePacketArriveInTheirOrder) {
  const std::array<std::string_view, 4> parts = {"one ", "", "two ", "three"};

  EXPECT_EQ(pass(parts), "one two three");
}

TEST(Parts, MayBeLargerThanAPacketOrEndWithOne) {
  const std::string large(Channel::kPacketMax * 3, 'l');
  const std::string rest(Channel::kPacketMax - 2, 'r');
  for (const auto& parts :
       {std::vector<std::string_view>{"a", large, "b"}, std::vector<std::string_view>{"a", rest},
        std::vector<std::string_view>{"a", rest, "b", ""},
        std::vector<std::string_view>{"", large}}) {
    EXPECT_EQ(pass(parts), joined(parts));
  }
}

TEST(Parts, MayBeMoreThanOneCallOfTheKernelTakes) {
  std::vector<std::string> texts;
  for (int i = 0; i < 5000; ++i) texts.push_back(std::to_string(i));
  const std::vector<std::string_view> parts(texts.begin(), texts.end());

  EXPECT_EQ(pass(parts), joined(parts));
}

TEST(Parts, AResultIsTheSameInPartsAndWhole) {
  ResultMessage message;
  message.result.message = "what it says";
  message.denied = {"open /etc/shadow"};
  message.result.emissions.push_back({Emission::Format::json_array, "[1]", {}, {}, "cursor"});
  message.result.emissions.push_back({Emission::Format::ndjson, "", {}, {}});
  message.result.emissions.push_back({Emission::Format::ndjson, "{}\n{}", {}, {}});

  const auto head = encode_without_texts(message);
  const auto bytes = joined(with_texts(head, message.result.emissions));
  const auto back = decode<ResultMessage>(bytes);

  EXPECT_EQ(bytes, encode(message));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->result.message, "what it says");
  EXPECT_EQ(back->denied, message.denied);
  ASSERT_EQ(back->result.emissions.size(), 3U);
  EXPECT_EQ(back->result.emissions[0].text, "[1]");
  EXPECT_EQ(back->result.emissions[0].checkpoint, "cursor");
  EXPECT_EQ(back->result.emissions[1].text, "");
  EXPECT_EQ(back->result.emissions[2].text, "{}\n{}");
}

TEST(Parts, ATextThatIsCutShortMakesNoMessage) {
  BatchMessage message;
  message.emissions.push_back({Emission::Format::ndjson, "{}", {}, {}});
  auto bytes = encode(message);
  bytes.pop_back();

  EXPECT_FALSE(decode<BatchMessage>(bytes));
}

}  // namespace
}  // namespace unity::host
