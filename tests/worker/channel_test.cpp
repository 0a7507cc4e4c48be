#include "worker/protocol/channel.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

namespace unity::host {
namespace {

// A packet as the other end might make it.
bool send_with_descriptors(int socket, std::string packet, std::size_t count) {
  const FileDescriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  iovec part{packet.data(), packet.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * Channel::kDescriptorsMax)> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
  auto* carried = CMSG_FIRSTHDR(&header);
  carried->cmsg_level = SOL_SOCKET;
  carried->cmsg_type = SCM_RIGHTS;
  carried->cmsg_len = CMSG_LEN(sizeof(int) * count);
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = null.get();
    std::memcpy(CMSG_DATA(carried) + i * sizeof fd, &fd, sizeof fd);
  }
  return ::sendmsg(socket, &header, 0) >= 0;
}

class ChannelTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = Channel::make();
    ASSERT_TRUE(made);
    near_ = std::move(made->first);
    far_ = std::move(made->second);
  }

  Channel near_;
  Channel far_;
};

TEST_F(ChannelTest, KeepsMessagesApart) {
  ASSERT_TRUE(near_.send("one"));
  ASSERT_TRUE(near_.send("two"));

  ASSERT_TRUE(far_.receive());
  EXPECT_EQ(far_.message(), "one");
  ASSERT_TRUE(far_.receive());
  EXPECT_EQ(far_.message(), "two");
}

TEST_F(ChannelTest, CarriesAMessageOfAnySize) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, Channel::kPacketMax - 1,
                                 Channel::kPacketMax, 5 * Channel::kPacketMax + 3}) {
    std::string sent(size, 'x');
    if (size > 0) sent.back() = 'y';
    std::thread sender([&] { EXPECT_TRUE(near_.send(sent)); });
    ASSERT_TRUE(far_.receive());
    EXPECT_EQ(far_.message(), sent);
    sender.join();
  }
}

TEST_F(ChannelTest, CarriesDescriptors) {
  const FileDescriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(near_.send("here", {null.get(), null.get()}));

  ASSERT_TRUE(far_.receive());
  ASSERT_EQ(far_.descriptors().size(), 2u);
  EXPECT_NE(::fcntl(far_.descriptors()[1].get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ChannelTest, FindsTheOtherEndGone) {
  far_ = Channel();

  EXPECT_FALSE(near_.send("anybody"));
  EXPECT_FALSE(near_.receive());
}

TEST_F(ChannelTest, WakesWhoWaitsWhenItIsShut) {
  std::thread waiting([this] { EXPECT_FALSE(near_.receive()); });
  near_.shut();
  waiting.join();
}

TEST_F(ChannelTest, NeverWaitsForTheRestOfAMessage) {
  const char more[] = {1, 'a'};
  ASSERT_EQ(::send(near_.fd(), more, sizeof more, 0), static_cast<ssize_t>(sizeof more));

  EXPECT_EQ(far_.receive_part(), Channel::Arrival::part);
  EXPECT_EQ(far_.receive_part(), Channel::Arrival::nothing);
  const char last[] = {0, 'b'};
  ASSERT_EQ(::send(near_.fd(), last, sizeof last, 0), static_cast<ssize_t>(sizeof last));
  EXPECT_EQ(far_.receive_part(), Channel::Arrival::message);
  EXPECT_EQ(far_.message(), "ab");
}

TEST_F(ChannelTest, RefusesAPacketThatIsTooLong) {
  const std::string packet(Channel::kPacketMax + 1, '\0');
  ASSERT_GT(::send(near_.fd(), packet.data(), packet.size(), 0), 0);

  EXPECT_FALSE(far_.receive());
}

// With each packet of one message come as many as a message may have.
TEST_F(ChannelTest, RefusesMoreDescriptorsThanAMessageMayHave) {
  const std::string more = {1, 'a'};
  ASSERT_TRUE(send_with_descriptors(near_.fd(), more, Channel::kDescriptorsMax));
  ASSERT_TRUE(send_with_descriptors(near_.fd(), more, Channel::kDescriptorsMax));

  EXPECT_EQ(far_.receive_part(), Channel::Arrival::part);
  EXPECT_EQ(far_.receive_part(), Channel::Arrival::gone);
}

TEST_F(ChannelTest, ClosesTheDescriptorsOfAnEmptyPacket) {
  ASSERT_TRUE(send_with_descriptors(near_.fd(), "", 2));

  EXPECT_EQ(far_.receive_part(), Channel::Arrival::gone);
  EXPECT_EQ(far_.descriptors().size(), 2u);  // owned, so that they are closed
}

TEST_F(ChannelTest, DoesNotWaitForRoomWhereItMustNot) {
  const std::string packet(1000, 'x');
  while (near_.try_send(packet)) {
  }
  EXPECT_TRUE(far_.receive());
}

}  // namespace
}  // namespace unity::host
