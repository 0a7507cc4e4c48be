#include "check/shared_page.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace unity::check {
namespace {

void copy(char* to, std::size_t room, std::string_view text) {
  const auto size = std::min(room - 1, text.size());
  std::memcpy(to, text.data(), size);
  to[size] = '\0';
}

std::string bounded(const char* text, std::size_t room) {
  return std::string(text, ::strnlen(text, room));
}

SharedPage* map(int fd) {
  void* at = ::mmap(nullptr, sizeof(SharedPage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return at != MAP_FAILED ? static_cast<SharedPage*>(at) : nullptr;
}

}  // namespace

void SharedPage::set_phase(std::string_view text) { copy(phase, sizeof phase, text); }
void SharedPage::set_fault(std::string_view text) { copy(fault, sizeof fault, text); }

void SharedPage::set_result(std::string_view json) {
  if (json.size() > sizeof result) return;  // the findings are bounded far below this
  std::memcpy(result, json.data(), json.size());
  result_size = static_cast<std::uint32_t>(json.size());
}

OwnedPage::OwnedPage() : fd_(::memfd_create("unity-check", MFD_CLOEXEC)) {
  if (fd_ >= 0 && ::ftruncate(fd_, sizeof(SharedPage)) == 0) page_ = map(fd_);
}

OwnedPage::~OwnedPage() {
  if (page_ != nullptr) ::munmap(page_, sizeof(SharedPage));
  if (fd_ >= 0) ::close(fd_);
}

std::string OwnedPage::phase() const { return bounded(page_->phase, sizeof page_->phase); }
std::string OwnedPage::fault() const { return bounded(page_->fault, sizeof page_->fault); }
std::string OwnedPage::result() const {
  return std::string(page_->result,
                     std::min<std::size_t>(page_->result_size, sizeof page_->result));
}

SharedPage* adopt_shared_page() {
  auto* page = map(kSharedPageFd);
  ::close(kSharedPageFd);
  return page;
}

}  // namespace unity::check
