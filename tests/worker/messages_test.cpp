#include "worker/protocol/messages.hpp"

#include <gtest/gtest.h>

#include <random>

namespace unity::host {
namespace {

ResultMessage full_result() {
  ResultMessage message;
  message.unsupported = true;
  message.denied = {"one", "two"};
  auto& result = message.result;
  result.run_class = RunClass::partial;
  result.exhausted = true;
  result.message = "half of it";
  result.code = "zoo.half";
  result.retry_after = std::chrono::seconds(3);
  result.took = std::chrono::milliseconds(5);
  result.cpu = std::chrono::microseconds(7);
  Emission emission;
  emission.format = Emission::Format::json_array;
  emission.text = "[]";
  emission.time = Time(std::chrono::microseconds(11));
  emission.emitted = Instant(Duration(13));
  emission.checkpoint = "at 17";
  emission.dataset = "drives";
  result.emissions = {emission, emission};
  return message;
}

TEST(Messages, AResultComesBackAsItWas) {
  const auto sent = full_result();
  const auto bytes = encode(sent);

  ASSERT_EQ(kind_to_host(bytes), ToHost::result);
  const auto got = decode<ResultMessage>(bytes);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->unsupported, sent.unsupported);
  EXPECT_EQ(got->denied, sent.denied);
  EXPECT_EQ(got->result.run_class, sent.result.run_class);
  EXPECT_EQ(got->result.exhausted, sent.result.exhausted);
  EXPECT_EQ(got->result.message, sent.result.message);
  EXPECT_EQ(got->result.code, sent.result.code);
  EXPECT_EQ(got->result.retry_after, sent.result.retry_after);
  EXPECT_EQ(got->result.took, sent.result.took);
  EXPECT_EQ(got->result.cpu, sent.result.cpu);
  ASSERT_EQ(got->result.emissions.size(), 2u);
  const auto& emission = got->result.emissions[1];
  EXPECT_EQ(emission.format, Emission::Format::json_array);
  EXPECT_EQ(emission.text, "[]");
  EXPECT_EQ(emission.time, Time(std::chrono::microseconds(11)));
  EXPECT_EQ(emission.emitted, Instant(Duration(13)));
  EXPECT_EQ(emission.checkpoint, "at 17");
  EXPECT_EQ(emission.dataset, "drives");
}

TEST(Messages, ACallComesBackAsItWas) {
  CallMessage sent;
  sent.instance = 3;
  sent.kind = CallKind::reconfigure;
  sent.run = 5;
  sent.deadline_ns = 7;
  sent.options = "{}";
  const auto got = decode<CallMessage>(encode(sent));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->instance, 3u);
  EXPECT_EQ(got->kind, CallKind::reconfigure);
  EXPECT_EQ(got->run, 5u);
  EXPECT_EQ(got->deadline_ns, 7);
  EXPECT_EQ(got->options, "{}");
}

TEST(Messages, AnImageAndAnInstanceComeBackAsTheyWere) {
  LoadMessage image;
  image.image = 2;
  image.identity = {"a.so", "{}", {"one", "two"}, {"three"}};
  const auto got_image = decode<LoadMessage>(encode(image));
  ASSERT_TRUE(got_image);
  EXPECT_EQ(got_image->identity.collectors, image.identity.collectors);
  EXPECT_EQ(got_image->identity.datasets, image.identity.datasets);

  AddInstanceMessage instance;
  instance.instance = 4;
  instance.image = 2;
  instance.spec = {"id", "one", "{}", "at 3"};
  const auto got = decode<AddInstanceMessage>(encode(instance));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->spec.checkpoint, "at 3");
  EXPECT_EQ(got->spec.id, "id");
}

// What comes from a worker may be anything at all.
template <class Message>
void spoil(const std::string& whole) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode<Message>(std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode<Message>(whole + "x"));
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    auto bytes = whole;
    for (int n = 0; n < 3; ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
    decode<Message>(bytes);
    kind_to_host(bytes);
    kind_to_worker(bytes);
  }
}

TEST(Messages, WhatIsNotWholeIsNothing) {
  spoil<ResultMessage>(encode(full_result()));
  BatchMessage batch;
  batch.emissions = full_result().result.emissions;
  spoil<BatchMessage>(encode(batch));
  spoil<ServiceRequest>(encode(ServiceRequest{Service::state_put, 1, 0, "key", "value"}));
  spoil<ReadyMessage>(encode(ReadyMessage{{"a gap"}}));
}

TEST(Messages, AnUnknownKindIsNothing) {
  EXPECT_FALSE(kind_to_host(std::string(1, '\x7f')));
  EXPECT_FALSE(kind_to_host(std::string(1, '\0')));
  EXPECT_FALSE(kind_to_worker(""));
  EXPECT_FALSE(decode<ServiceRequest>(std::string("\x7f", 1)));
}

}  // namespace
}  // namespace unity::host
