// The memory that a check shares with the command that started it. It survives whatever becomes of
// the check: closed descriptors, exit(), a crash. Plain bytes, because both ends map it and one of
// them runs hostile code: the reader trusts no length in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace unity::check {

struct SharedPage {
  char phase[256];            // what the check is about, NUL-terminated: "collect() of one"
  char fault[512];            // what a signal handler could say of a crash; empty: nothing
  std::uint32_t result_size;  // 0 until the check is through
  char result[std::size_t{1} << 20];

  void set_phase(std::string_view text);
  // Safe in a signal handler.
  void set_fault(std::string_view text);
  void set_result(std::string_view json);
};

// The descriptor under which a check finds its page.
inline constexpr int kSharedPageFd = 3;

// A new page of zeroes in a memfd, for the command.
class OwnedPage {
 public:
  OwnedPage();  // page() is null if the system has no memory for it
  ~OwnedPage();
  OwnedPage(const OwnedPage&) = delete;
  OwnedPage& operator=(const OwnedPage&) = delete;

  int fd() const { return fd_; }
  explicit operator bool() const { return page_ != nullptr; }
  // Copies, bounded by the fields' sizes.
  std::string phase() const;
  std::string fault() const;
  std::string result() const;

 private:
  int fd_ = -1;
  SharedPage* page_ = nullptr;
};

// Maps the page behind kSharedPageFd and closes the descriptor; null if there is none.
SharedPage* adopt_shared_page();

}  // namespace unity::check
