#include "plugin/symbols.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "host/plugin/zoo.hpp"

namespace unity::host {
namespace {

// Where the entry is, as the linker says.
std::uint64_t entry_offset(const std::string& name) {
  void* library = ::dlopen(zoo_path(name).c_str(), RTLD_NOW | RTLD_LOCAL);
  void* entry = ::dlsym(library, "unity_plugin_entry_v1");
  Dl_info where{};
  EXPECT_NE(::dladdr(entry, &where), 0);
  return static_cast<std::uint64_t>(static_cast<char*>(entry) -
                                    static_cast<char*>(where.dli_fbase));
}

TEST(Symbols, NamesTheFunctionThatAPlaceIsIn) {
  const auto image = read_bytes(zoo_path("c_minimal"));

  EXPECT_EQ(find_symbol(image, entry_offset("c_minimal") + 1), "unity_plugin_entry_v1");
  EXPECT_EQ(find_symbol(image, 0), std::nullopt);
}

TEST(Symbols, SurvivesAnImageThatIsCutAnywhere) {
  const auto image = read_bytes(zoo_path("c_minimal"));
  const auto offset = entry_offset("c_minimal");
  for (std::size_t size = 0; size < image.size(); size += 7) {
    find_symbol(std::string_view(image).substr(0, size), offset);
  }
}

}  // namespace
}  // namespace unity::host
