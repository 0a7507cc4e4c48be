#include "unity/core/base/name.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "unity/core/base/bytes.hpp"

namespace unity {
namespace {

// Made before any flood.
const Name early = "read_bytes";

TEST(Name, EqualNamesShareOneText) {
  const Name one = "read_bytes";
  const Name other = std::string("read_") + "bytes";

  EXPECT_EQ(one, other);
  EXPECT_EQ(&one.text(), &other.text());
  EXPECT_NE(one, Name("read_byte"));
}

TEST(Name, IsComparedWithTextByItsCharacters) {
  const Name name = "By";

  EXPECT_EQ(name, "By");
  EXPECT_EQ(name, std::string("By"));
  EXPECT_NE(name, std::string_view("By/s"));
  EXPECT_EQ(name.size(), 2u);
}

TEST(Name, TheEmptyNameIsTheDefaultOne) {
  Name name = "x";
  EXPECT_FALSE(name.empty());

  name.clear();

  EXPECT_EQ(name, Name());
  EXPECT_EQ(Name(""), Name());
  EXPECT_EQ(Name().text(), "");
}

TEST(Name, ALongNameIsItsOwnAndBehavesAlike) {
  const std::string text(1'000, 'x');
  const Name one = text;
  Name other = one;

  EXPECT_EQ(one, other);
  EXPECT_EQ(other, text);
  other = Name(text + "y");
  EXPECT_NE(one, other);
  const Name moved = std::move(other);
  EXPECT_EQ(moved.size(), 1'001u);
}

TEST(Name, AFloodOfNamesIsNotKeptForGood) {
  for (int i = 0; i < 100'000; ++i) {
    const auto text = "flood " + std::to_string(i);
    ASSERT_EQ(Name(text), text);
  }

  const Name late = "not known before the flood";
  const Name again = "not known before the flood";

  EXPECT_EQ(late, again);
  EXPECT_NE(&late.text(), &again.text());
  EXPECT_EQ(&early.text(), &Name("read_bytes").text());
}

TEST(Name, IsTheSameInAllThreads) {
  std::vector<const std::string*> texts(4);
  std::vector<std::thread> threads;
  for (auto& text : texts) {
    threads.emplace_back([&text] { text = &Name("read_bytes").text(); });
  }
  for (auto& thread : threads) thread.join();

  for (const auto* text : texts) EXPECT_EQ(text, &early.text());
}

TEST(SameBytes, SeesADifferenceAtEveryPlaceOfEverySize) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'a');
    EXPECT_TRUE(same_bytes(text.data(), std::string(text).data(), size));
    for (std::size_t at = 0; at < size; ++at) {
      auto other = text;
      other[at] = 'b';
      EXPECT_FALSE(same_bytes(text.data(), other.data(), size)) << size << " " << at;
    }
  }
}

}  // namespace
}  // namespace unity
