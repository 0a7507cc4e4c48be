// A small deterministic fuzzer: mutated records must be read, refused or both, and never crash.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "core/support/reading.hpp"
#include "unity/core/json/record_writer.hpp"

namespace unity::json {
namespace {

const std::string kSeeds[] = {
    R"({"metric":"m","value":1})",
    R"({"metric":"net","time":"2026-01-31T12:00:00Z","tags":{"if":"eth0"},"values":{"rx":12,"up":true,"x":null,"t":"a\u00e9\n"},"summary":"fine"})",
    R"({"metric":"cpu","time":1700000000000000000,"values":{"user":1.5e-3,"total":18446744073709551615}})",
};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string mutated(std::string text) {
    static const std::string bytes(
        "{}[]\",:\\\n\0 \xff\xc3"
        "0e.-tn",
        19);
    for (auto count = below(4); count > 0 && !text.empty(); --count) {
      const auto at = below(text.size());
      switch (below(6)) {
        case 0:
          text[at] = static_cast<char>(random_());
          break;
        case 1:
          text[at] = bytes[below(bytes.size())];
          break;
        case 2:
          text.erase(at, 1 + below(8));
          break;
        case 3:
          text.insert(at, 1, bytes[below(bytes.size())]);
          break;
        case 4:
          text.insert(at, text.substr(below(text.size()), below(20)));
          break;
        case 5:
          text.resize(at);
          break;
      }
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

// What is true of every answer, whatever was read.
void expect_sane(const ReadRecords& read, const std::string& text) {
  for (const auto& record : read.records) {
    EXPECT_FALSE(record.metric.empty()) << text;
    EXPECT_FALSE(record.fields.empty()) << text;
    const auto again = read_lines(to_json(record));
    ASSERT_EQ(again.records.size(), 1u) << to_json(record);
    EXPECT_EQ(to_json(again.records[0]), to_json(record));
  }
  for (const auto& bad : read.unreadable) {
    EXPECT_FALSE(bad.detail.empty()) << text;
    EXPECT_NE(text.find(bad.text), text.npos) << text;
  }
}

TEST(RecordReaderFuzz, EveryLineIsARecordOrUnreadableAndPerhapsAnUnreadableRest) {
  Mutator mutator(1);
  for (int round = 0; round < 20'000 && !HasFailure(); ++round) {
    std::string text;
    for (auto lines = mutator.below(3) + 1; lines > 0; --lines) {
      text += mutator.mutated(kSeeds[mutator.below(3)]) + "\n";
    }
    std::size_t lines = 0;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      lines += line.find_first_not_of(" \t\r") != line.npos ? 1 : 0;
    }

    const auto read = read_lines(text);

    EXPECT_GE(read.records.size() + read.unreadable.size(), lines) << text;
    EXPECT_LE(read.records.size(), lines) << text;
    EXPECT_LE(read.records.size() + read.unreadable.size(), 2 * lines) << text;
    expect_sane(read, text);
  }
}

// Escaped surrogates are read by the strict reader alone, so that one in a summary before all else
// shows how it reads the same record.
TEST(RecordReaderFuzz, TheFastAndTheStrictReaderAgree) {
  Mutator mutator(3);
  int records = 0;
  for (int round = 0; round < 40'000 && !HasFailure(); ++round) {
    const auto line = mutator.mutated(kSeeds[mutator.below(3)]);
    if (line.empty() || line[0] != '{' || line.find('\n') != line.npos) continue;
    const auto fast = read_lines(line);
    const auto strict = read_lines(R"({"summary":"\ud83d\ude00",)" + line.substr(1));

    ASSERT_EQ(fast.records.size(), strict.records.size()) << line;
    EXPECT_EQ(fast.unreadable.empty(), strict.unreadable.empty()) << line;
    if (fast.records.empty()) continue;
    ++records;
    EXPECT_EQ(fast.records[0].metric, strict.records[0].metric) << line;
    EXPECT_EQ(fast.records[0].time_text, strict.records[0].time_text) << line;
    EXPECT_EQ(fast.records[0].tags, strict.records[0].tags) << line;
    EXPECT_EQ(fast.records[0].fields, strict.records[0].fields) << line;
  }
  EXPECT_GT(records, 5'000);
}

TEST(RecordReaderFuzz, AnArrayGivesAtMostOneMoreThanItsElements) {
  Mutator mutator(2);
  for (int round = 0; round < 20'000 && !HasFailure(); ++round) {
    const auto elements = mutator.below(4);
    std::string whole = "[";
    for (std::size_t i = 0; i < elements; ++i) {
      whole += (i > 0 ? "," : "") + kSeeds[mutator.below(3)];
    }
    whole += "]";
    const auto text = mutator.mutated(whole);

    const auto read = read_array(text);

    const auto total = read.records.size() + read.unreadable.size();
    if (text == whole) {
      EXPECT_EQ(read.records.size(), elements);
      EXPECT_TRUE(read.unreadable.empty());
    } else {
      // Every comma may begin an element, the first has none.
      EXPECT_LE(total, static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')) + 2);
    }
    expect_sane(read, text);
  }
}

}  // namespace
}  // namespace unity::json
