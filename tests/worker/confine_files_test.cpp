#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.hpp"
#include "worker/confined_child.hpp"

namespace unity::worker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

int try_open(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  const int error = errno_of(fd);
  if (fd >= 0) ::close(fd);
  return error;
}

class ConfineFiles : public Confine {
 protected:
  void SetUp() override {
    Confine::SetUp();
    folder_ = std::filesystem::canonical(temp_.path()).string();
    std::ofstream(folder_ + "/file") << "text";
    std::filesystem::create_directory(folder_ + "/below");
    for (const auto* name : {"", "/file", "/below"}) {
      std::filesystem::permissions(folder_ + name, std::filesystem::perms(0777));
    }
  }

  std::string granted(const std::string& rights) const {
    return R"({"files": [")" + folder_ + ":" + rights + "\"]}";
  }

  test::TempDir temp_;
  std::string folder_;
};

TEST_P(ConfineFiles, ThatAreNotGrantedCannotBeRead) {
  UNITY_NEEDS_LANDLOCK(1);
  const auto outcome = run("{}", [] { return try_open("/etc/shadow", O_RDONLY); });

  EXPECT_EQ(outcome.error, EACCES);
  EXPECT_THAT(outcome.denials, ElementsAre("reading /etc/shadow needs the permission \"files\": "
                                           "[\"/etc/shadow:r\"]"));
}

TEST_P(ConfineFiles, OfTheHostCannotBeReadThroughProcEvenIfProcIsGranted) {
  UNITY_NEEDS_LANDLOCK(1);
  const auto parent = std::to_string(::getpid());
  for (const auto& file : {"/environ", "/mem", "/maps"}) {
    for (const auto* permissions : {"{}", R"({"files": ["/proc:r"]})"}) {
      const auto outcome =
          run(permissions, [&] { return try_open("/proc/" + parent + file, O_RDONLY); });

      EXPECT_THAT(outcome.error, testing::AnyOf(EACCES, EPERM)) << file << permissions;
      EXPECT_THAT(outcome.denials, ElementsAre(HasSubstr("/proc/" + parent + file)));
    }
  }
}

TEST_P(ConfineFiles, ThatAreGrantedCanBeReadAndNotWritten) {
  UNITY_NEEDS_LANDLOCK(3);
  const auto outcome = run(granted("r"), [&] {
    if (const int error = try_open(folder_ + "/file", O_RDONLY)) return error;
    DIR* listed = ::opendir(folder_.c_str());
    if (listed == nullptr) return errno;
    ::closedir(listed);
    if (try_open(folder_ + "/file", O_WRONLY) != EACCES) return 1000;
    if (try_open(folder_ + "/new", O_WRONLY | O_CREAT) != EACCES) return 1001;
    if (errno_of(::truncate((folder_ + "/file").c_str(), 0)) != EACCES) return 1002;
    if (errno_of(::unlink((folder_ + "/file").c_str())) != EACCES) return 1003;
    return 0;
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(outcome.denials,
              ElementsAre("writing " + folder_ + "/file needs the permission \"files\": [\"" +
                              folder_ + "/file:w\"]",
                          "writing " + folder_ + "/new needs the permission \"files\": [\"" +
                              folder_ + "/new:w\"]"));
}

TEST_P(ConfineFiles, ThatMayBeWrittenCanBeMadeRenamedAndRemoved) {
  UNITY_NEEDS_LANDLOCK(2);
  const auto outcome = run(granted("rw"), [&] {
    if (const int error = try_open(folder_ + "/new", O_RDWR | O_CREAT | O_TRUNC)) return error;
    const auto moved = folder_ + "/below/moved";
    if (const int error = errno_of(::rename((folder_ + "/new").c_str(), moved.c_str())))
      return error;
    return errno_of(::unlink(moved.c_str()));
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(outcome.denials, IsEmpty());
}

TEST_P(ConfineFiles, KeepTheirOwnersModesAndTimes) {
  const auto outcome = run(granted("rw"), [&] {
    const auto file = folder_ + "/file";
    if (errno_of(::chmod(file.c_str(), 0600)) != EPERM) return 1000;
    if (errno_of(::chown(file.c_str(), ::getuid(), ::getgid())) != EPERM) return 1001;
    if (errno_of(::utimensat(AT_FDCWD, file.c_str(), nullptr, 0)) != EPERM) return 1002;
    const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    return errno_of(::fchmod(fd, 0600));
  });

  EXPECT_EQ(outcome.error, EPERM);
  EXPECT_THAT(outcome.denials, testing::Each(HasSubstr("attributes of a file")));
}

TEST_P(ConfineFiles, OfAWritableFolderEndAtIt) {
  UNITY_NEEDS_LANDLOCK(1);
  const auto outside = folder_ + "/../unity-confine-outside";
  const auto outcome = run(R"({"files": [")" + folder_ + "/below:rw\"]}", [&] {
    if (try_open(outside, O_WRONLY | O_CREAT) != EACCES) return 1000;
    if (errno_of(::link((folder_ + "/file").c_str(), (folder_ + "/below/link").c_str())) == 0) {
      return 1001;
    }
    // A link that points outside is followed to where it is not allowed.
    if (::symlink((folder_ + "/file").c_str(), (folder_ + "/below/way").c_str()) != 0) return errno;
    return try_open(folder_ + "/below/way", O_RDONLY);
  });

  EXPECT_EQ(outcome.error, EACCES);
  EXPECT_THAT(outcome.denials, ElementsAre(HasSubstr("unity-confine-outside"),
                                           HasSubstr("reading " + folder_ + "/file needs")));
}

TEST_P(ConfineFiles, AreTheSystemsBusinessWhereThePermissionIsThere) {
  UNITY_NEEDS_LANDLOCK(1);
  if (GetParam() == User::same && ::geteuid() == 0) GTEST_SKIP() << "root may read its own files";
  std::filesystem::permissions(folder_ + "/file", std::filesystem::perms(0));

  const auto outcome = run(granted("r"), [&] { return try_open(folder_ + "/file", O_RDONLY); });

  EXPECT_EQ(outcome.error, EACCES);
  EXPECT_THAT(outcome.denials,
              ElementsAre(HasSubstr("was refused by the system: Permission denied")));
}

TEST_P(ConfineFiles, ThatEveryProgramNeedsAreThere) {
  const auto outcome = run("{}", [] {
    for (const auto* path : {"/usr/lib", "/dev/urandom", "/dev/zero", "/proc/self/maps"}) {
      if (const int error = try_open(path, O_RDONLY)) return error;
    }
    return try_open("/dev/null", O_RDWR);
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(outcome.denials, IsEmpty());
}

TEST_P(ConfineFiles, InMemoryThatTheHostHandsOverCanBeOpenedByTheirDescriptor) {
  const int memory = ::memfd_create("plugin", MFD_CLOEXEC);
  ASSERT_GE(memory, 0);
  ASSERT_EQ(::fchmod(memory, 0777), 0);

  const auto outcome =
      run("{}", [&] { return try_open("/proc/self/fd/" + std::to_string(memory), O_RDONLY); });

  EXPECT_EQ(outcome.error, 0);
  ::close(memory);
}

TEST_P(ConfineFiles, InProcStayGrantedOneByOne) {
  UNITY_NEEDS_LANDLOCK(1);
  const auto outcome = run(R"({"files": ["/proc/uptime:r"]})", [] {
    for (int i = 0; i < 3; ++i) {
      if (const int error = try_open("/proc/uptime", O_RDONLY)) return error;
    }
    return try_open("/proc/loadavg", O_RDONLY);
  });

  EXPECT_EQ(outcome.error, EACCES);
  EXPECT_THAT(outcome.denials, ElementsAre(HasSubstr("\"/proc/loadavg:r\"")));
}

TEST_P(ConfineFiles, ThatDoNotExistAreTold) {
  UNITY_NEEDS_LANDLOCK(1);
  const auto outcome = run(R"({"files": ["/not/there:r"]})", [] { return 0; });

  EXPECT_THAT(outcome.gaps, testing::Contains(HasSubstr("/not/there does not exist")));
}

TEST_P(ConfineFiles, AreNotedByEveryFunctionThatOpens) {
  UNITY_NEEDS_LANDLOCK(1);
  const auto outcome = run("{}", [&] {
    const auto file = folder_ + "/file";
    if (::fopen(file.c_str(), "r+") != nullptr) return 1000;
    if (::opendir(folder_.c_str()) != nullptr) return 1001;
    if (::creat(file.c_str(), 0600) >= 0) return 1002;
    if (::openat(AT_FDCWD, file.c_str(), O_RDWR) >= 0) return 1003;
    return std::ifstream(file).is_open() ? 1004 : 0;
  });

  EXPECT_EQ(outcome.error, 0);
  EXPECT_THAT(outcome.denials, ElementsAre(HasSubstr("reading and writing " + folder_ + "/file"),
                                           HasSubstr("reading " + folder_ + " needs"),
                                           HasSubstr("writing " + folder_ + "/file"),
                                           HasSubstr("/file:rw\""), HasSubstr("/file:r\"")));
}

INSTANTIATE_TEST_SUITE_P(All, ConfineFiles, testing::Values(User::same, User::nobody), name_of);

}  // namespace
}  // namespace unity::worker
