// Any bytes as a plugin's file: its manifest is found within it, or refused with a reason; and so
// is the name of the function at a place in it.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "plugin/elf_note.hpp"
#include "plugin/symbols.hpp"
#include "require.hpp"

using unity::fuzz::require;

namespace {

void find_name(std::string_view image, std::uint64_t offset) {
  const auto name = unity::host::find_symbol(image, offset);
  if (!name) return;
  require(name->find('\0') == name->npos, "a name ends where its NUL is");
  require(image.find(*name) != image.npos, "a name is in the file");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view image(reinterpret_cast<const char*>(data), size);

  find_name(image, 0x1000);  // where those of the seeds are
  std::uint64_t chosen = 0;
  if (image.size() >= sizeof chosen) {
    std::memcpy(&chosen, image.data() + image.size() - sizeof chosen, sizeof chosen);
    find_name(image, chosen);
  }

  const auto manifest = unity::host::read_manifest_note(image);

  if (!manifest) {
    require(!manifest.error().message.empty(), "a refusal has a reason");
    return 0;
  }
  require(manifest->size() <= std::size_t{1} << 20, "a manifest has at most 1 MiB");
  require(image.find(*manifest + '\0') != image.npos, "the text and its final NUL are in the file");
  return 0;
}
