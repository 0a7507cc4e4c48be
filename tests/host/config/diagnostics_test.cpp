#include "config/diagnostics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unity::host {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(Render, ShowsTheLineWithACaretUnderTheColumn) {
  Sources sources;
  sources.add("u.yaml", "a: 1\nbatch: x\n");

  EXPECT_EQ(render({{Severity::error, {"u.yaml", 2, 8}, "no number"},
                    {Severity::warning, {"other", 0, 0}, "odd"}},
                   sources),
            "u.yaml:2:8: error: no number\n"
            "    2 | batch: x\n"
            "      |        ^\n"
            "other: warning: odd\n");
}

TEST(Render, PutsTheCaretRightAfterTabsAndCharactersOfSeveralBytes) {
  Sources sources;
  sources.add("u", "\tää: x\r\n");

  EXPECT_EQ(sources.excerpt({"u", 1, 8}), "    1 | \tää: x\n      | \t    ^\n");
}

TEST(Render, LeavesOutLinesThatAreNotThere) {
  Sources sources;
  sources.add("u", "a: 1\n");

  EXPECT_EQ(sources.excerpt({"u", 9, 1}), "");
  EXPECT_EQ(sources.excerpt({"u", 1, 99}), "");
  EXPECT_EQ(sources.excerpt({"v", 1, 1}), "");
}

TEST(Render, MasksWhatFollowsThePasswordsKey) {
  Sources sources;
  sources.add("u",
              "password: hunter2\n"
              "{ \"db_password\" : hunter2, port: x }\n"
              "api_key: hunter2\n"
              "secret_token_2: [hunter2]\n"
              "passwords are hunted\n");

  for (int line = 1; line <= 4; ++line) {
    const auto excerpt = sources.excerpt({"u", line, 1});
    EXPECT_THAT(excerpt, HasSubstr("****")) << line;
    EXPECT_THAT(excerpt, Not(HasSubstr("hunter2"))) << line;
  }
  EXPECT_THAT(sources.excerpt({"u", 5, 1}), HasSubstr("passwords are hunted"));
}

TEST(Render, KeepsControlCharactersFromTheTerminal) {
  Sources sources;
  sources.add("u", "a: \x1b[2J\n");

  // U+009B steers terminals as well, and is two bytes.
  const auto text = render({{Severity::error, {"u", 1, 4}, "bad \x1b[2J \u009b2J"}}, sources);

  EXPECT_THAT(text, HasSubstr("bad ?[2J ?2J"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(Diagnostics, StopKeepingMessagesButNeverLoseThatThereIsAnError) {
  Diagnostics diagnostics;
  for (int i = 1; i <= 1000; ++i) diagnostics.warning({"u", i, 1}, "odd");
  diagnostics.error({"u", 2, 1}, "bad");
  diagnostics.error({"u", 3, 1}, "worse");

  const auto taken = diagnostics.take(Sources());

  ASSERT_THAT(taken, SizeIs(202));
  EXPECT_EQ(taken[2].message, "bad");
  EXPECT_EQ(taken.back().message, "801 more like these are not shown");
}

}  // namespace
}  // namespace unity::host
