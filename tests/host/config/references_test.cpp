#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/expand.hpp"
#include "config_folder.hpp"

namespace unity::host {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

// What `text` becomes, by way of the key `device`.
std::string expanded(std::string_view text, const Environment& environment = {}) {
  return config_of("device: '" + std::string(text) + "'\n", environment).device;
}

TEST(References, AreReplacedByTheEnvironment) {
  EXPECT_EQ(expanded("${NAME}", {{"NAME", "nas"}}), "nas");
  EXPECT_EQ(expanded("a-${X}-${Y}-b", {{"X", "1"}, {"Y", "2"}}), "a-1-2-b");
  EXPECT_EQ(expanded("${A}", {{"A", "${B}: {not: yaml}"}}), "${B}: {not: yaml}");
}

TEST(References, HaveDefaultsForWhatIsUnsetOrEmpty) {
  EXPECT_EQ(expanded("${NAME:-nas}"), "nas");
  EXPECT_EQ(expanded("${NAME:-nas}", {{"NAME", ""}}), "nas");
  EXPECT_EQ(expanded("${NAME:-nas}", {{"NAME", "box"}}), "box");
  EXPECT_EQ(expanded("x${NAME:-}"), "x");
}

TEST(References, CanBeEscaped) {
  EXPECT_EQ(expanded("$${NAME} costs $5 or $X"), "${NAME} costs $5 or $X");
}

TEST(References, AreReadAsTheTypeThatTheKeyWants) {
  const auto config = config_of(
      "collection: {batch_size: '${SIZE}', default_interval: '${WAIT:-5m}'}\n"
      "http:\n  enabled: ${HTTP}\n  listen: 127.0.0.1:${PORT}\n",
      {{"SIZE", "7"}, {"HTTP", "false"}, {"PORT", "9000"}});

  EXPECT_EQ(config.collection.batch_size, 7);
  EXPECT_EQ(config.collection.default_interval, 5min);
  EXPECT_FALSE(config.http.enabled);
  EXPECT_EQ(config.http.port, 9000);
}

TEST(References, ToVariablesThatAreNotSetAreReportedOnceEach) {
  EXPECT_THAT(lines_of("device: ${NAME}\ncollection:\n  batch_size: ${SIZE}\n"),
              ElementsAre("unity.yaml:1:9: error: the environment variable NAME is not set; set "
                          "it, or give a default: ${NAME:-default}",
                          HasSubstr("unity.yaml:3:15: error: the environment variable SIZE")));
}

TEST(References, ThatMakeNoSenseAreExplained) {
  EXPECT_THAT(lines_of("device: ${a b}"), ElementsAre(HasSubstr("${a b} is not a reference")));
  EXPECT_THAT(lines_of("device: ${}"), ElementsAre(HasSubstr("${} is not a reference")));
  EXPECT_THAT(lines_of("device: ${1}"), ElementsAre(HasSubstr("${1} is not a reference")));
  EXPECT_THAT(lines_of("device: ${NAME"), ElementsAre(HasSubstr("a closing brace is missing")));
  EXPECT_THAT(lines_of("device: ${X}", {{"X", "\xff"}}),
              ElementsAre(HasSubstr("does not hold UTF-8")));
  EXPECT_THAT(lines_of("tags: {a: ${X}}"),
              ElementsAre(HasSubstr("within { } or [ ] a reference needs quotes")));
}

TEST(References, ToFilesGiveTheirTextWithoutTheLastLineBreak) {
  const ConfigFolder folder;
  const auto secret = folder.write("secret", "hunter2\n").string();

  const auto outcome = folder.load("device: \"${file:" + secret + "}\"\n");

  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->device, "hunter2");
}

TEST(References, ToFilesThatCannotBeReadAreErrors) {
  EXPECT_THAT(lines_of("device: ${file:/no/such}"),
              ElementsAre(HasSubstr("the file /no/such cannot be read: No such file")));
  EXPECT_THAT(lines_of("device: ${file:secret}"), ElementsAre(HasSubstr("with its full path")));
  EXPECT_THAT(lines_of("device: ${file:/dev/zero}"), ElementsAre(HasSubstr("is too big")));
}

TEST(References, NeverShowWhatTheyStandFor) {
  const ConfigFolder folder;
  const auto outcome = folder.load(
      "collection:\n  batch_size: ${PIN}\n  jitter: \"${PIN}\"\nlog:\n  level: ${PIN}\n",
      {{"PIN", "hunter2"}});

  const auto text = render(outcome.diagnostics, outcome.sources);
  EXPECT_THAT(text, HasSubstr("it is ${PIN}, which stands for something else"));
  EXPECT_THAT(text, testing::Not(HasSubstr("hunter2")));
}

TEST(References, ThatAreOverriddenNeedNotResolve) {
  const ConfigFolder folder;
  folder.write("conf.d/a.yaml", "device: nas\n");

  EXPECT_TRUE(folder.load("device: ${UNSET}\n").config);
}

}  // namespace
}  // namespace unity::host
