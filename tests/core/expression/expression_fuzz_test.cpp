// Garbage and mutated expressions: each is refused with a place within its text, or evaluates.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/expression/support.hpp"

namespace unity {
namespace {

constexpr const char* kWords[] = {"used",
                                  "total",
                                  "temp",
                                  "state",
                                  "read_only",
                                  "tags.mount",
                                  "metric",
                                  "absent",
                                  "extra",
                                  "5 GB",
                                  "80 %",
                                  "100 ms",
                                  "1",
                                  "0",
                                  "-3.5",
                                  "\"a*\"",
                                  "'(x|y)+'",
                                  "null",
                                  "true",
                                  "+",
                                  "-",
                                  "*",
                                  "/",
                                  "%",
                                  "==",
                                  "!=",
                                  "<",
                                  "=~",
                                  "and",
                                  "or",
                                  "not",
                                  "in",
                                  "[",
                                  "]",
                                  "(",
                                  ")",
                                  ",",
                                  "abs(",
                                  "if(",
                                  "max(",
                                  "coalesce(",
                                  "convert(",
                                  "round(",
                                  "lower(",
                                  "length(",
                                  "tags[",
                                  "`read bytes`",
                                  "\xff",
                                  "\xc3\xa4",
                                  "1e308",
                                  "time",
                                  "is_null(",
                                  "{packet}",
                                  "."};

void expect_sane(const std::string& text) {
  static const auto record = filesystem_record();
  for (const Scope& scope : {Scope{&filesystem_spec(), {}}, Scope{}}) {
    Mistake mistake;
    auto expression = Expression::compile(text, scope, &mistake);
    if (!expression) {
      EXPECT_LE(mistake.offset + mistake.length, text.size()) << text;
      EXPECT_FALSE(mistake.message.empty()) << text;
      EXPECT_FALSE(render(mistake, text).empty());
      continue;
    }
    const auto value = expression->evaluate(record);
    EXPECT_NE(value.type, ValueType::any) << text;
    EXPECT_TRUE(std::isfinite(value.number)) << text;
    if (expression->type() != ValueType::any && !value.is_null()) {
      EXPECT_EQ(value.type, expression->type()) << text;
    }
  }
}

TEST(ExpressionFuzz, WordsInAnyOrder) {
  std::mt19937 random(1);
  int good = 0;
  for (int round = 0; round < 5'000 && !HasFailure(); ++round) {
    std::string text;
    for (auto count = random() % 9 + 1; count > 0; --count) {
      text += kWords[random() % std::size(kWords)];
      if (random() % 4 != 0) text += ' ';
    }
    expect_sane(text);
    good += Expression::compile(text, {}) ? 1 : 0;
  }
  EXPECT_GT(good, 150);  // else this shows nothing of evaluation
}

TEST(ExpressionFuzz, AnyBytes) {
  std::mt19937 random(2);
  for (int round = 0; round < 4'000 && !HasFailure(); ++round) {
    std::string text(random() % 30, '\0');
    for (char& c : text) c = static_cast<char>(random() % 3 != 0 ? 32 + random() % 96 : random());
    expect_sane(text);
  }
}

TEST(ExpressionFuzz, MutationsOfAGoodOne) {
  const std::string seed =
      "if(used / total > 80 % and tags.mount =~ '^/(srv|home)', max(used, 5 GB), null) in [1 GB]";
  std::mt19937 random(3);
  for (int round = 0; round < 3'000 && !HasFailure(); ++round) {
    auto text = seed;
    for (auto count = random() % 4; count > 0; --count) {
      const auto at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 6);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 12));
          break;
      }
      if (text.empty()) text = "1";
    }
    expect_sane(text);
  }
}

}  // namespace
}  // namespace unity
