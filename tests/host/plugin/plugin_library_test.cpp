#include "plugin/plugin_library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/plugin/zoo.hpp"

namespace unity::host {
namespace {

using testing::HasSubstr;

TEST(PluginLibrary, OffersTheCollectorsOfItsManifest) {
  const auto library = load_from_zoo("scripted");

  ASSERT_TRUE(library) << library.error().message;
  EXPECT_NE((*library)->find("scripted"), nullptr);
  EXPECT_EQ((*library)->find("ape"), nullptr);
}

TEST(PluginLibrary, IsLoadedOnceForTheSameImage) {
  const auto first = load_from_zoo("scripted");
  const auto second = load_from_zoo("scripted");

  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->get(), second->get());
}

TEST(PluginLibrary, TakesTablesThatAreLongerThanItsOwn) {
  const auto library = load_from_zoo("larger_structs");

  ASSERT_TRUE(library) << library.error().message;
  EXPECT_NE((*library)->find("zoo"), nullptr);
}

TEST(PluginLibrary, ThatTheLinkerCannotLoadIsRefused) {
  auto file = read_from_zoo("c_minimal");
  ASSERT_TRUE(file);
  file->image.resize(64);  // a header and nothing else
  file->hash = sha256(file->image);

  const auto image = PluginImage::seal(*file);
  ASSERT_TRUE(image);
  const auto library = load_into_host(*image);

  ASSERT_FALSE(library);
  EXPECT_THAT(library.error().message, HasSubstr("cannot load plugin"));
}

struct Refusal {
  std::string plugin;
  std::string sentence;
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.plugin; }

class PluginLibraryRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(PluginLibraryRefuses, WithASentence) {
  const auto library = load_from_zoo(GetParam().plugin);

  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, Errc::invalid);
  EXPECT_THAT(library.error().message, HasSubstr(GetParam().plugin + ".so"));
  EXPECT_THAT(library.error().message, HasSubstr(GetParam().sentence));
}

INSTANTIATE_TEST_SUITE_P(
    TheZoo, PluginLibraryRefuses,
    testing::Values(
        Refusal{"wrong_abi", "it needs plugin ABI 2.0, this host offers 1.0"},
        Refusal{"no_note", "it carries no Unity manifest"},
        Refusal{"no_entry", "it does not export unity_plugin_entry_v1"},
        Refusal{"wrong_abi_table", "it needs plugin ABI 1.9, this host offers 1.0"},
        Refusal{"short_struct", "its table has 24 bytes, ABI 1.0 has 40"},
        Refusal{"manifest_mismatch", "differs from the one in its ELF note"},
        Refusal{"collector_not_in_manifest", R"(collector "ape" is not in its manifest)"},
        Refusal{"no_collector_list", "it offers 1 collectors, its manifest 1"},
        Refusal{"null_collector", "its list of collectors holds a null pointer"},
        Refusal{"short_collector", "a collector table has 16 bytes, ABI 1.0 has 80"},
        Refusal{"bad_flags", R"(collector "zoo" has flags 0x80)"},
        Refusal{"no_collect", R"(collector "zoo" lacks a function that its mode needs)"},
        Refusal{"collector_count", "it offers 2 collectors, its manifest 1"},
        Refusal{"entry_refuses", "its entry refused this host"},
        Refusal{"entry_throws", "its entry threw an exception: no entry"}),
    [](const auto& refusal) { return refusal.param.plugin; });

}  // namespace
}  // namespace unity::host
