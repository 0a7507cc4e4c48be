#include "workers/crash_log.hpp"

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cctype>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "plugin/symbols.hpp"
#include "unity/core/base/text.hpp"

namespace unity::host {
namespace {

constexpr std::size_t kFunctionShown = 200;

std::string_view text_of(const char* bytes, std::size_t size) {
  return {bytes, ::strnlen(bytes, size)};
}

// Each part of a mangled name may stand for all before it, so that a few bytes, which a plugin
// chooses, become gigabytes: not with so few parts.
bool may_be_demangled(const std::string& name) {
  constexpr std::size_t longest = 256;
  constexpr int most = 12;
  int references = 0;
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    const bool refers = name[i] == 'S' || name[i] == 'T';
    if (refers && (name[i + 1] == '_' || std::isdigit(static_cast<unsigned char>(name[i + 1])) ||
                   std::isupper(static_cast<unsigned char>(name[i + 1])))) {
      ++references;
    }
  }
  return name.size() <= longest && references <= most;
}

std::string demangled(const std::string& name) {
  if (!may_be_demangled(name)) return name;
  int failed = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &failed), std::free);
  return failed == 0 && text ? text.get() : name;
}

std::string read_image(const PluginImage& image) {
  std::string bytes;
  std::array<char, 65536> part;
  off_t at = 0;
  while (true) {
    const auto got = ::pread(image.memory.get(), part.data(), part.size(), at);
    if (got <= 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(got));
    at += got;
  }
}

// The linker knows a sealed image by its path below /proc; people know it by its file.
std::shared_ptr<const PluginImage> image_of(std::string_view module, const SlotPage& page,
                                            const ImagesByNumber& images) {
  constexpr std::string_view folder = "/proc/self/fd/";
  if (!module.starts_with(folder)) return nullptr;
  module.remove_prefix(folder.size());
  int descriptor = -1;
  std::from_chars(module.data(), module.data() + module.size(), descriptor);
  for (const auto& [number, image] : images) {
    const auto index = number - 1;
    if (index < SlotPage::kImages && page.descriptors[index] == descriptor + 1) return image;
  }
  return nullptr;
}

}  // namespace

std::string phase_text(Phase phase) {
  switch (phase) {
    case Phase::idle:
      return "idle";
    case Phase::load:
      return "load";
    case Phase::create:
      return "create";
    case Phase::collect:
      return "collect";
    case Phase::stream:
      return "stream";
    case Phase::probe:
      return "probe";
    case Phase::reconfigure:
      return "reconfigure";
    case Phase::destroy:
      return "destroy";
  }
  return "an unknown call";
}

Result<SlotFile> SlotFile::create(const std::filesystem::path& folder, const std::string& name) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  auto path = folder / name;
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  // With its blocks: where the disk is full, writing to the mapped page would end the host.
  if (file) errno = ::posix_fallocate(file.get(), 0, sizeof(SlotPage));
  SlotPage* page = file && errno == 0 ? map_slot_page(file.get()) : nullptr;
  if (page == nullptr) {
    const std::string reason = std::strerror(errno);
    if (file) std::filesystem::remove(path, error);
    return Error{Errc::unavailable, fmt::format("cannot make {}: {}", path.string(), reason)};
  }
  new (page) SlotPage;
  return SlotFile(std::move(path), std::move(file), page);
}

SlotFile::SlotFile(SlotFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::move(other.file_)),
      page_(std::exchange(other.page_, nullptr)) {}

SlotFile::~SlotFile() {
  if (page_ == nullptr) return;
  ::munmap(page_, sizeof *page_);
  ::unlink(path_.c_str());
}

std::vector<InFlight> take_left_behind(const std::filesystem::path& folder) {
  std::vector<InFlight> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::ifstream in(entry->path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    // A plugin may have written over all of it: nothing but its size is believed at once.
    const auto page = std::make_unique<SlotPage>();
    if (bytes.size() == sizeof *page) {
      std::memcpy(static_cast<void*>(page.get()), bytes.data(), bytes.size());
      const auto& crash = page->crash;
      for (std::uint32_t i = 0; page->magic == SlotPage::kMagic && i < SlotPage::kLanes; ++i) {
        const auto& lane = page->lanes[i];
        if (lane.phase == Phase::idle || lane.phase > Phase::destroy) continue;
        InFlight one;
        one.instance = text_of(lane.instance.data(), lane.instance.size());
        one.phase = phase_text(lane.phase);
        one.run = lane.run;
        one.started = Time(std::chrono::floor<std::chrono::microseconds>(
            std::chrono::nanoseconds(lane.started_unix_ns)));
        one.crashed = crash.written == 1 && crash.lane == i;
        one.in_host = entry->path().filename() == "host";
        one.signal = one.crashed ? crash.signal : 0;
        if (one.crashed) one.backtrace = backtrace_of(*page, {}).lines;
        found.push_back(std::move(one));
      }
    }
    std::filesystem::remove(entry->path(), error);
  }
  return found;
}

Backtrace backtrace_of(const SlotPage& page, const ImagesByNumber& images) {
  Backtrace backtrace;
  const auto& report = page.crash;
  if (report.written != 1) return backtrace;
  auto& lines = backtrace.lines;
  std::map<const PluginImage*, std::string> bytes_of;
  std::size_t last = 0;  // how many lines there are down to the last one of a plugin
  const auto count = std::min<std::size_t>(report.frame_count, CrashReport::kFrames);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& frame = report.frames[i];
    std::string module(text_of(frame.module.data(), frame.module.size()));
    std::string function(text_of(frame.function.data(), frame.function.size()));
    if (const auto image = image_of(module, page, images)) {
      auto [bytes, fresh] = bytes_of.try_emplace(image.get());
      if (fresh) bytes->second = read_image(*image);
      if (auto symbol = find_symbol(bytes->second, frame.offset)) function = std::move(*symbol);
      module = std::filesystem::path(image->identity.path).filename().string();
      if (!backtrace.plugin) backtrace.plugin = image;
      last = i + 1;
    }
    if (module.empty()) module = "?";
    const auto line = function.empty() ? fmt::format("#{} {}+{:#x}", i, module, frame.offset)
                                       : fmt::format("#{} {} at {}+{:#x}", i,
                                                     one_line(demangled(function), kFunctionShown),
                                                     module, frame.offset);
    lines.push_back(one_line(line, line.size()));
  }
  if (last > 0) lines.resize(last);
  return backtrace;
}

}  // namespace unity::host
