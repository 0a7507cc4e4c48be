// Any bytes as a plugin's file: its manifest is found within it, or refused with a reason.
#include <cstdint>
#include <string>
#include <string_view>

#include "plugin/elf_note.hpp"
#include "require.hpp"

using unity::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view image(reinterpret_cast<const char*>(data), size);

  const auto manifest = unity::host::read_manifest_note(image);

  if (!manifest) {
    require(!manifest.error().message.empty(), "a refusal has a reason");
    return 0;
  }
  require(manifest->size() <= std::size_t{1} << 20, "a manifest has at most 1 MiB");
  require(image.find(*manifest + '\0') != image.npos, "the text and its final NUL are in the file");
  return 0;
}
