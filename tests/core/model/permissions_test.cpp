#include "unity/core/model/permissions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unity {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

PermissionChanges changes_of(std::string_view text) {
  std::vector<PermissionProblem> problems;
  auto changes = read_permissions(*json::parse(text), problems);
  EXPECT_THAT(problems, IsEmpty()) << text;
  return changes;
}

Permissions permissions_of(std::string_view text) {
  return change_permissions({}, changes_of(text));
}

// "pointer: message", one for each problem.
std::vector<std::string> problems_of(std::string_view text) {
  std::vector<PermissionProblem> problems;
  read_permissions(*json::parse(text), problems);
  std::vector<std::string> lines;
  for (const auto& problem : problems) lines.push_back(problem.pointer + ": " + problem.message);
  return lines;
}

TEST(Permissions, ReadsEverythingThatCanBeDeclared) {
  const auto permissions = permissions_of(
      R"({"files": ["/var/lib/x/**:rw", "/proc:r", "/usr/bin:rx"],
          "network": ["tcp:*:5432", "tcp:*:80", "listen:tcp:8125", "udp", "unix", "netlink"],
          "spawn": true, "secrets": ["config"], "state": "1MiB"})");

  EXPECT_THAT(permissions.files, ElementsAre(FilePermission{"/proc", true, false, false},
                                             FilePermission{"/usr/bin", true, false, true},
                                             FilePermission{"/var/lib/x", true, true, false}));
  EXPECT_THAT(permissions.network.connect.ports, ElementsAre(80, 5432));
  EXPECT_THAT(permissions.network.listen.ports, ElementsAre(8125));
  EXPECT_FALSE(permissions.network.connect.any);
  EXPECT_TRUE(permissions.network.udp);
  EXPECT_TRUE(permissions.network.unix_sockets);
  EXPECT_TRUE(permissions.network.netlink);
  EXPECT_TRUE(permissions.spawn);
  EXPECT_TRUE(permissions.secrets);
  EXPECT_EQ(permissions.state, std::uint64_t{1} << 20);
}

TEST(Permissions, AllowNothingThatIsNotDeclared) {
  const auto permissions = permissions_of("{}");

  EXPECT_EQ(permissions, Permissions{});
  EXPECT_TRUE(permissions.network.none());
  EXPECT_EQ(to_text(permissions), "nothing");
}

TEST(Permissions, TakeAFolderWithAndWithoutStarsForTheSame) {
  EXPECT_EQ(permissions_of(R"({"files": ["/proc/**:r"]})"),
            permissions_of(R"({"files": ["/proc:r"]})"));
  EXPECT_EQ(permissions_of(R"({"files": ["/**:r"]})").files.front().path, "/");
  EXPECT_EQ(permissions_of(R"({"files": ["/a:b:r"]})").files.front().path, "/a:b");
}

TEST(Permissions, JoinWhatNamesTheSamePathOrPortTwice) {
  const auto permissions = permissions_of(
      R"({"files": ["/a:r", "/a/**:w"], "network": ["tcp:*:1", "tcp:*:1", "listen:tcp:*", "listen:tcp:2"]})");

  EXPECT_THAT(permissions.files, ElementsAre(FilePermission{"/a", true, true, false}));
  EXPECT_THAT(permissions.network.connect.ports, ElementsAre(1));
  EXPECT_TRUE(permissions.network.listen.any);
  EXPECT_THAT(permissions.network.listen.ports, IsEmpty());
}

TEST(Permissions, RefuseAHostBecauseTheKernelCannotTellHostsApart) {
  EXPECT_THAT(problems_of(R"({"network": ["tcp:db1.example.org:5432"]})"),
              ElementsAre(AllOf(HasSubstr("/network/0: "), HasSubstr("names a host"),
                                HasSubstr("not to hosts"), HasSubstr("\"tcp:*:5432\""))));
  EXPECT_THAT(problems_of(R"({"network": ["tcp:[::1]:5432"]})"),
              ElementsAre(HasSubstr("names a host")));
}

TEST(Permissions, RefuseWhatTheKernelOrTheGrammarDoesNotKnow) {
  for (const auto* entry : {"tcp", "tcp:*:", "tcp:*:0", "tcp:*:65536", "tcp:*:80x", "listen:tcp:",
                            "listen:tcp:-1", "udp:53", "listen:udp:53", "raw", "UDP", ""}) {
    EXPECT_THAT(problems_of(std::string(R"({"network": [")") + entry + "\"]}"), SizeIs(1)) << entry;
  }
  for (const auto* entry :
       {"proc:r", "./x:r", "/proc", "/proc:", "/proc:rr", "/proc:rq", "/a/../b:r", "/a//b:r",
        "/a/:r", "/a/*:r", "/a/*/b:r", "/a?:r", "{root:r", "{}:r", "{a b}:r", "{root}x:r", ":r",
        "/a\\u0000b:r", "/x/{root}:r"}) {
    EXPECT_THAT(problems_of(std::string(R"({"files": [")") + entry + "\"]}"), SizeIs(1)) << entry;
  }
}

TEST(Permissions, ReportEveryProblemAtOnce) {
  EXPECT_THAT(problems_of(R"({"files": ["proc:r", 3, "/ok:r"], "network": "udp", "spawn": 1,
                              "secrets": ["vault"], "state": "1TB", "file": []})"),
              ElementsAre(HasSubstr("/files/0: "), HasSubstr("/files/1: "), HasSubstr("/network: "),
                          HasSubstr("/spawn: "), HasSubstr("/secrets/0: "), HasSubstr("/state: "),
                          HasSubstr("did you mean \"files\"?")));
  EXPECT_THAT(problems_of("[]"), SizeIs(1));
  EXPECT_THAT(problems_of(R"({"state": -1})"), SizeIs(1));
}

TEST(Permissions, AreNarrowedAndWidenedListByList) {
  const auto declared =
      permissions_of(R"({"files": ["/proc:r"], "network": ["udp"], "spawn": true, "state": 5})");

  const auto narrowed =
      change_permissions(declared, changes_of(R"({"network": [], "spawn": false})"));
  const auto widened =
      change_permissions(declared, changes_of(R"({"files": ["/proc:r", "/etc:r"]})"));

  EXPECT_EQ(narrowed, permissions_of(R"({"files": ["/proc:r"], "state": 5})"));
  EXPECT_THAT(widened.files, SizeIs(2));
  EXPECT_TRUE(widened.network.udp);
  EXPECT_EQ(change_permissions(declared, {}), declared);
}

TEST(Permissions, OfAPoolAreThoseOfAllItsMembers) {
  const auto one = permissions_of(
      R"({"files": ["/a:r", "/c:r"], "network": ["tcp:*:1", "tcp:*:3"], "state": "2kB"})");
  const auto other = permissions_of(
      R"({"files": ["/b:x", "/c:w"], "network": ["tcp:*:2", "listen:tcp:*"], "spawn": true})");

  const auto both = unite_permissions(one, other);

  EXPECT_EQ(both, permissions_of(R"({"files": ["/a:r", "/b:x", "/c:rw"],
      "network": ["tcp:*:1", "tcp:*:2", "tcp:*:3", "listen:tcp:*"], "spawn": true, "state": 2000})"));
  EXPECT_EQ(both, unite_permissions(other, one));
}

TEST(Permissions, PutTheValuesOfOptionsIntoPaths) {
  const auto declared = permissions_of(
      R"({"files": ["{root}/proc:r", "{folders}:rw", "{not_set}:r", "{none}:r", "/etc/x:r"]})");
  const auto options = *json::parse(
      R"({"root": "/", "folders": ["/srv/a/", "/srv/../b"], "none": "", "other": "/etc"})");
  std::vector<PermissionProblem> problems;

  const auto resolved = resolve_options(declared, options, problems);

  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(to_text(resolved), "read /b, /etc/x, /proc, /srv/a; write /b, /srv/a");
}

TEST(Permissions, RefuseAnOptionThatIsNoFullPath) {
  const auto declared = permissions_of(R"({"files": ["{path}:r"]})");
  for (const auto* value : {R"("relative")", "3", R"(["/ok", "relative"])"}) {
    std::vector<PermissionProblem> problems;

    json::Value options;
    options.set("path", *json::parse(value));
    resolve_options(declared, options, problems);

    ASSERT_THAT(problems, SizeIs(1)) << value;
    EXPECT_THAT(problems.front().pointer, HasSubstr("/path"));
    EXPECT_THAT(problems.front().message, HasSubstr("{path}:r"));
  }
}

TEST(Permissions, AreShownToPeopleAndWrittenAsTheyWereRead) {
  const auto* text =
      R"({"files":["/proc:r","/usr/bin:rx","/x:rw"],"network":["tcp:*:80","tcp:*:443","listen:tcp:*","udp","unix","netlink"],"spawn":true,"secrets":["config"],"state":"1MiB"})";
  const auto permissions = permissions_of(text);

  EXPECT_EQ(json::dump(to_json(permissions)), text);
  EXPECT_EQ(to_text(permissions),
            "read /proc, /usr/bin, /x; write /x; run /usr/bin; connect to TCP ports 80, 443; "
            "listen on any TCP port; use UDP; use Unix sockets; use netlink; start processes; "
            "get the secrets of its configuration; keep 1MiB of state");
  EXPECT_EQ(json::dump(to_json(Permissions{})), "{}");
}

}  // namespace
}  // namespace unity
