// Looks at a few bytes without a call into a library, which for names costs more than the work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace unity {

template <class Word>
Word load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto ends_same = [&]<class Word>(Word) {  // which together cover all
    const auto last = size - sizeof(Word);
    return load<Word>(a) == load<Word>(b) && load<Word>(a + last) == load<Word>(b + last);
  };
  if (size > 16) return std::memcmp(a, b, size) == 0;
  if (size >= 8) return ends_same(std::uint64_t{});
  if (size >= 4) return ends_same(std::uint32_t{});
  return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

}  // namespace unity
