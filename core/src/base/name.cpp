#include "unity/core/base/name.hpp"

#include <array>
#include <mutex>
#include <unordered_set>

#include "unity/core/base/bytes.hpp"

namespace unity {
namespace {

constexpr std::size_t kSharedMax = std::size_t{1} << 16;  // names, some 100 bytes each
constexpr std::size_t kSharedSizeMax = 255;               // bytes of one

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

class SharedTexts {
 public:
  // Null if the text is not to be shared.
  const std::string* find(std::string_view text) {
    if (text.size() > kSharedSizeMax) return nullptr;
    const std::lock_guard lock(mutex_);
    if (const auto known = texts_.find(text); known != texts_.end()) return &*known;
    if (texts_.size() == kSharedMax) return nullptr;
    return &*texts_.emplace(text).first;
  }

 private:
  std::mutex mutex_;
  std::unordered_set<std::string, TextHash, std::equal_to<>> texts_;  // which stay where they are
};

SharedTexts& shared_texts() {
  static auto& texts = *new SharedTexts;  // outlives every name, whatever ends first
  return texts;
}

// Where among those that this thread asked for lately.
constexpr std::size_t kRecent = 1024;
std::size_t place_of(std::string_view text) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (text.size() >= 8) {
    first = load<std::uint64_t>(text.data());
    last = load<std::uint64_t>(text.data() + text.size() - 8);
  } else {
    for (const char c : text) first = first << 8 | static_cast<unsigned char>(c);
  }
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;  // spreads the bits
  return (((first * kOdd) ^ last) + text.size()) * kOdd >> 54;
}
static_assert(kRecent == 1 << (64 - 54));

}  // namespace

#if defined(__clang__) && __clang_major__ < 15
const std::string Name::kNoText;  // it cannot make one of libstdc++'s when it compiles
#else
constinit const std::string Name::kNoText;
#endif

std::uintptr_t Name::find(std::string_view text) {
  if (text.empty()) return 0;
  thread_local constinit std::array<const std::string*, kRecent> recent{};
  auto& last = recent[place_of(text)];
  if (last == nullptr || last->size() != text.size() ||
      !same_bytes(last->data(), text.data(), text.size())) {
    const auto* shared = shared_texts().find(text);
    if (shared == nullptr) {
      return reinterpret_cast<std::uintptr_t>(new std::string(text)) | kOwned;
    }
    last = shared;
  }
  return reinterpret_cast<std::uintptr_t>(last);
}

std::uintptr_t Name::copy(const Name& other) {
  return reinterpret_cast<std::uintptr_t>(new std::string(other.text())) | kOwned;
}

void Name::release() { delete pointer(); }

}  // namespace unity
