#include "config/yaml_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "config_folder.hpp"

namespace unity::host {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string repeated(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(YamlParser, FindsDuplicateKeysAtEveryDepth) {
  EXPECT_THAT(lines_of("tags:\n  a: 1\n  b: 2\n  a: 3\ntags: {}\n"),
              ElementsAre("unity.yaml:4:3: error: `a` appears twice in this mapping, first in line "
                          "2; remove one",
                          "unity.yaml:5:1: error: `tags` appears twice in this mapping, first in "
                          "line 1; remove one"));
}

TEST(YamlParser, SaysWhereTheSyntaxIsWrong) {
  EXPECT_THAT(lines_of("tags:\n  a: \"x\nhttp: {}\n"),
              ElementsAre("unity.yaml:2:6: error: not valid YAML: the closing quote is missing"));
  EXPECT_THAT(lines_of("http:\n\tenabled: true\n"),
              ElementsAre("unity.yaml:2:1: error: a tab in the indentation; YAML wants spaces"));
  EXPECT_THAT(lines_of("http: {enabled: true}}\n"), ElementsAre(HasSubstr("not valid YAML")));
}

TEST(YamlParser, DoesNotLetAnOpenQuoteSwallowTheRestOfTheFile) {
  for (const auto* text :
       {"device: \"nas\nlog: {}\n", "device: 'nas\nlog: {}\n", "device: 'it''s\n",
        "device: \"a\\\"\n", "device: &a \"nas\n", "device: &a !!str 'nas\n"}) {
    EXPECT_THAT(lines_of(text), ElementsAre(HasSubstr("1:9: error: not valid YAML"))) << text;
  }
  EXPECT_EQ(config_of("# ä\ndevice: &a 'it''s'\n").device, "it's");
  EXPECT_EQ(config_of("\xef\xbb\xbf# ä\r\ndevice: \"a \\\" b\"\r\n").device, "a \" b");
}

TEST(YamlParser, RefusesWhatAConfigurationHasNoUseFor) {
  EXPECT_THAT(lines_of("tags: {}\n---\ntags: {}\n"), ElementsAre(HasSubstr("a second document")));
  EXPECT_THAT(lines_of("tags: !env NAME\n"), ElementsAre(HasSubstr("the tag !env has no meaning")));
  EXPECT_THAT(lines_of("a: &a {x: 1}\nb: {<<: *a}\n"), ElementsAre(HasSubstr("merge keys (<<)")));
  EXPECT_THAT(lines_of("? [a]\n: 1\n"), ElementsAre(HasSubstr("a key must be text")));
  EXPECT_THAT(lines_of(": 1\n"), ElementsAre(HasSubstr("a key is missing")));
  EXPECT_THAT(lines_of("device: \"a\\0b\"\n"), ElementsAre(HasSubstr("a NUL character")));
  EXPECT_THAT(lines_of("tags: &a {x: *a}\n"), ElementsAre(HasSubstr("the alias stands within")));
}

TEST(YamlParser, FollowsAnchorsAndAliases) {
  const auto config = config_of(
      "tags: &common {site: home}\ncollectors:\n  - {id: a, plugin: &p x, tags: *common}\n"
      "  - {id: b, plugin: *p}\n");

  EXPECT_EQ(config.collectors[0].tags, (Tags{{"site", "home"}}));
  EXPECT_EQ(config.collectors[1].plugin, "x");
}

TEST(YamlParser, SurvivesDeepNesting) {
  constexpr int kDeep = 20'000;
  for (const auto* bomb : {"[", "{a: ", "- ", "? "}) {
    EXPECT_THAT(lines_of("tags: " + repeated(bomb, kDeep)), Not(ElementsAre())) << bomb;
  }
  EXPECT_THAT(lines_of("storages: " + repeated("[", 200) + repeated("]", 200)),
              ElementsAre(HasSubstr("nested more than 100 deep")));
}

TEST(YamlParser, BoundsWhatAliasesMultiply) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const auto before = "*a" + std::to_string(i - 1) + ", ";
    const auto name = "a" + std::to_string(i);
    bomb += name + ": &" + name + " [" + repeated(before, 10) + "]\n";
  }

  EXPECT_THAT(lines_of(bomb), ElementsAre(HasSubstr("more than 1000000 values")));
}

TEST(YamlParser, BoundsTheDepthThatAliasesBuild) {
  std::string chain = "a0: &a0 " + repeated("[", 60) + repeated("]", 60) + "\n";
  chain += "a1: " + repeated("[", 60) + "*a0" + repeated("]", 60) + "\n";

  EXPECT_THAT(lines_of(chain), ElementsAre(HasSubstr("nested more than 100 deep")));
}

TEST(YamlParser, RefusesBytesThatAreNotText) {
  const std::string_view samples[] = {
      {"a: \xff", 4},      {"\0", 1},           {"a: \x04", 4},
      {"\xc0\x80", 2},     {"\xed\xa0\x80", 3}, {"\xf4\x90\x80\x80", 4},
      {"\xff\xfe\x61", 3}, {"a: \xc3", 4},      {"\x7f", 1}};
  for (const auto sample : samples) {
    EXPECT_THAT(lines_of(sample), ElementsAre(HasSubstr("not a text file")));
  }
  EXPECT_TRUE(lines_of("\xef\xbb\xbf"
                       "device: \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n")
                  .empty());
}

TEST(YamlParser, NeverFailsOtherThanByDiagnostics) {
  const std::string good =
      "state_dir: /s\ndatabase: {type: sqlite, path: \"u.db\"}\ncollectors:\n"
      "  - &a\n    id: x\n    plugin: 'y'\n    tags: {a: \"${A:-b}\"}\n    config:\n"
      "      - |\n        text\n  - *a\n# end\n";
  const std::string_view pieces[] = {
      "{", "}", "[", "]", ":",   "- ",  "\n", "  ", "\t", "\"", "'",        "&a",   "*a", "!",
      "|", ">", "%", "@", "---", "...", "${", "?",  ",",  "#",  "\xc3\xa4", "\xff", "<<", "~"};
  std::mt19937 random(7);
  const ConfigFolder folder;
  for (int round = 0; round < 1000; ++round) {
    auto text = good;
    for (int edits = 0; edits < 1 + round % 4; ++edits) {
      const auto at = random() % text.size();
      text.replace(at, random() % 4, pieces[random() % std::size(pieces)]);
    }

    const auto outcome = folder.load(text);

    EXPECT_THAT(outcome.config.has_value() ? "good" : render(outcome.diagnostics, outcome.sources),
                AnyOf("good", HasSubstr("error: ")))
        << text;
  }
}

}  // namespace
}  // namespace unity::host
