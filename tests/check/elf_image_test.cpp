// The reader of ELF files believes no offset: what was cut or changed anywhere is read without
// harm.
#include "check/elf/image.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

namespace unity::check {
namespace {

std::string tame_plugin() {
  std::ifstream in(UNITY_TAME_PLUGIN, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Asks for everything; returns how much there was.
std::size_t read_all(const std::string& bytes) {
  const auto image = ElfImage::read(bytes);
  if (!image) return 0;
  std::size_t found = image->symbols().size() + image->needed_versions().size();
  found += image->static_symbol_names().size() + image->section_names().size();
  found += image->dynamic_texts(DT_NEEDED).size() + image->note("UNITY", 1).size();
  return found;
}

TEST(ElfImage, ReadsWhatThePluginExportsAndNeeds) {
  const auto bytes = tame_plugin();

  const auto image = ElfImage::read(bytes);

  ASSERT_TRUE(image);
  const auto& symbols = image->symbols();
  EXPECT_TRUE(std::any_of(symbols.begin(), symbols.end(), [](const ElfSymbol& symbol) {
    return symbol.defined && symbol.name == "unity_plugin_entry_v1";
  }));
  EXPECT_TRUE(std::any_of(symbols.begin(), symbols.end(), [](const ElfSymbol& symbol) {
    return !symbol.defined && symbol.name == "pthread_self" && symbol.library == "libc.so.6";
  }));
  EXPECT_TRUE(image->complete());
  EXPECT_NE(image->note("UNITY", 1).find("zoo.animal"), std::string_view::npos);
}

TEST(ElfImage, ReadsNothingOfAFileThatIsNotElf) {
  EXPECT_FALSE(ElfImage::read(""));
  EXPECT_FALSE(
      ElfImage::read("\x7f"
                     "ELF"));
  EXPECT_FALSE(ElfImage::read(std::string(10'000, 'x')));
}

TEST(ElfImage, IsNotHarmedByAFileThatWasCutAnywhere) {
  const auto bytes = tame_plugin();
  const auto whole = read_all(bytes);

  for (std::size_t size = 0; size < bytes.size(); size += 61) {
    EXPECT_LE(read_all(bytes.substr(0, size)), whole);
  }
}

TEST(ElfImage, IsNotHarmedByBytesThatWereChangedAnywhere) {
  const auto bytes = tame_plugin();
  std::mt19937 random(7);

  std::size_t readable = 0;
  for (int i = 0; i < 2000; ++i) {
    auto changed = bytes;
    // Most changes where the headers and the dynamic tables are.
    const auto reach = i % 2 == 0 ? std::size_t{4096} : changed.size();
    for (int k = 0; k < 8; ++k) changed[random() % reach] = static_cast<char>(random());
    if (read_all(changed) > 0) ++readable;
  }

  EXPECT_GT(readable, 100U);  // else the changes proved nothing
}

}  // namespace
}  // namespace unity::check
