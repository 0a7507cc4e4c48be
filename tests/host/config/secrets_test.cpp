#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/sections.hpp"
#include "config_folder.hpp"

namespace unity::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Source = SecretConfig::Source;

// A file that only its owner may read.
std::filesystem::path private_file(const ConfigFolder& folder, std::string_view name,
                                   std::string_view text) {
  const auto file = folder.write(name, text);
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  return file;
}

TEST(Secrets, ComeFromFilesVariablesAndValues) {
  const ConfigFolder folder;
  const auto file = private_file(folder, "db", "hunter2\n");

  const auto outcome = folder.load(
      "secrets:\n  db_password: {file: db}\n  token: {env: TOKEN}\n  plain: {value: '${X}'}\n",
      {{"TOKEN", "t"}, {"X", "x"}});

  ASSERT_TRUE(outcome.config) << render(outcome.diagnostics, outcome.sources);
  const auto& secrets = outcome.config->secrets;
  ASSERT_THAT(secrets, SizeIs(3));
  EXPECT_EQ(secrets[0].name, "db_password");
  EXPECT_EQ(secrets[0].source, Source::file);
  EXPECT_EQ(secrets[0].place, file);
  EXPECT_THAT(secrets[0].value, IsEmpty()) << "it stays where it is";
  EXPECT_EQ(secrets[1].source, Source::environment);
  EXPECT_EQ(secrets[1].value, "t");
  EXPECT_EQ(secrets[2].source, Source::value);
  EXPECT_EQ(secrets[2].value, "x");
  EXPECT_EQ(outcome.config->find_secret("token"), &secrets[1]);
  EXPECT_EQ(outcome.config->find_secret("none"), nullptr);
}

TEST(Secrets, HaveAFingerprintThatChangesWithTheValueAndTellsNothing) {
  const ConfigFolder folder;
  private_file(folder, "db", "hunter2");
  const auto load = [&] { return folder.load("secrets: {a: {file: db}}").config->secrets[0]; };

  const auto before = load().fingerprint;
  EXPECT_EQ(load().fingerprint, before);
  private_file(folder, "db", "hunter3");

  EXPECT_NE(load().fingerprint, before);
  EXPECT_THAT(before, Not(HasSubstr("hunter")));
}

TEST(Secrets, RefuseAFileThatOthersMayRead) {
  const ConfigFolder folder;
  const auto file = private_file(folder, "db", "hunter2");
  for (const auto mode : {0644, 0640, 0604, 0620, 0602}) {
    std::filesystem::permissions(file, std::filesystem::perms(mode));

    const auto said = lines(folder.load("secrets: {a: {file: db}}"));

    ASSERT_THAT(said, SizeIs(1)) << mode;
    EXPECT_THAT(said[0], HasSubstr("unity.yaml:1:21: error: cannot read the secret in"));
    EXPECT_THAT(said[0], HasSubstr("others may access it"));
    EXPECT_THAT(said[0], HasSubstr("chmod 600 " + file.string()));
  }
}

TEST(Secrets, RefuseFilesThatAreNoSecrets) {
  const ConfigFolder folder;
  const auto said_of = [&](const std::string& name) {
    return lines(folder.load("secrets: {a: {file: " + name + "}}"));
  };
  private_file(folder, "empty", "\n");
  private_file(folder, "big", std::string((64 << 10) + 1, 'x'));
  private_file(folder, "fits", std::string(64 << 10, 'x'));

  EXPECT_THAT(said_of("empty"), ElementsAre(HasSubstr("it is empty")));
  EXPECT_THAT(said_of("big"), ElementsAre(HasSubstr("it has more than 64 KiB")));
  EXPECT_THAT(said_of("."), ElementsAre(HasSubstr("it is not a regular file")));
  EXPECT_THAT(said_of("none"), ElementsAre(HasSubstr("No such file")));
  EXPECT_THAT(said_of("fits"), IsEmpty());
}

TEST(Secrets, SayWhatIsWrongWithTheirForm) {
  EXPECT_THAT(lines_of("secrets: [a]"),
              ElementsAre("unity.yaml:1:10: error: `secrets` must be a mapping from names to "
                          "{file: /path}, {env: NAME} or {value: text}"));
  EXPECT_THAT(lines_of("secrets: {a: hunter2}"),
              ElementsAre("unity.yaml:1:14: error: secret `a` must be {file: /path}, {env: NAME} "
                          "or {value: text}"));
  EXPECT_THAT(lines_of("secrets: {a: {}}"),
              ElementsAre("unity.yaml:1:11: error: secret `a` must have one of `file`, `env` and "
                          "`value`"));
  EXPECT_THAT(lines_of("secrets: {a: {value: x, env: X}}", {{"X", "x"}}),
              ElementsAre(HasSubstr("must have one of")));
  EXPECT_THAT(lines_of("secrets: {a: {env: X}}"),
              ElementsAre("unity.yaml:1:20: error: the environment variable X of secret `a` is "
                          "not set"));
  EXPECT_THAT(lines_of("secrets: {a b: {value: x}}"), ElementsAre(HasSubstr("the name of a")));
  EXPECT_THAT(lines_of("secrets: {a: {vale: x}}"), testing::Contains(HasSubstr("vale")));
  EXPECT_THAT(lines_of("secrets:\n"), IsEmpty());
}

TEST(Secrets, AreNeverShownByAMessage) {
  for (const auto* text : {
           "secrets: {a: hunter2}",
           "secrets:\n  a: hunter2\n",
           "secrets:\n  a: {value: hunter2, env: X}\n",
           "secrets:\n  a: {value: [hunter2]}\n",
           "secrets:\n  a:\n    value: [hunter2]\n",
           "secrets:\n  a:\n    vale: hunter2\n",
           "secrets:\n  a:\n    value: |\n      hunter2\n     broken\n",
           "secrets:\n\n# a comment\n  - hunter2\n",
           "secrets: hunter2\n",
           "secrets: [hunter2]\n",
           "secrets:\n  a: {value: 'hunter2}\n",
           "\"secrets\":\n  a: [hunter2]\n",
       }) {
    const ConfigFolder folder;
    const auto outcome = folder.load(text);

    EXPECT_FALSE(outcome.config) << text;
    EXPECT_THAT(render(outcome.diagnostics, outcome.sources), Not(HasSubstr("hunter2"))) << text;
  }
}

TEST(Secrets, OfSeveralFilesAreMergedByName) {
  const ConfigFolder folder;
  folder.write("conf.d/10.yaml", "secrets: {b: {value: two}, c: {value: three}}");

  const auto outcome = folder.load("secrets: {a: {value: one}, b: {value: zero}}");

  ASSERT_TRUE(outcome.config);
  ASSERT_THAT(outcome.config->secrets, SizeIs(3));
  EXPECT_EQ(outcome.config->find_secret("b")->value, "two");
}

}  // namespace
}  // namespace unity::host
