#include "plugin/elf_note.hpp"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>

#include "host/plugin/zoo.hpp"

namespace unity::host {
namespace {

using testing::HasSubstr;

// In a block of its own size, so that AddressSanitizer sees a read beyond its end.
Result<std::string> read_exactly(std::string_view image) {
  const std::unique_ptr<char[]> block(new char[image.size()]);
  std::memcpy(block.get(), image.data(), image.size());
  return read_manifest_note({block.get(), image.size()});
}

std::string with_header(const std::function<void(Elf64_Ehdr&)>& change) {
  auto image = read_bytes(zoo_path("c_minimal"));
  Elf64_Ehdr header;
  std::memcpy(&header, image.data(), sizeof header);
  change(header);
  std::memcpy(image.data(), &header, sizeof header);
  return image;
}

std::string refusal(std::string_view image) {
  const auto manifest = read_exactly(image);
  return manifest ? "accepted" : manifest.error().message;
}

TEST(ElfNote, HoldsTheManifestOfAPlugin) {
  const auto manifest = read_exactly(read_bytes(zoo_path("c_minimal")));

  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_THAT(*manifest, HasSubstr(R"("id": "zoo.c_minimal")"));
}

TEST(ElfNote, IsNotReadFromAFileCutAnywhere) {
  const auto image = read_bytes(zoo_path("c_minimal"));

  for (std::size_t length = 0; length < image.size(); ++length) {
    EXPECT_FALSE(read_exactly(std::string_view(image).substr(0, length))) << "cut at " << length;
  }
}

TEST(ElfNote, OfAFileWithAnyByteFlippedIsReadWithoutHarm) {
  auto image = read_bytes(zoo_path("c_minimal"));

  for (std::size_t at = 0; at < image.size(); at += at < 4096 ? 1 : 7) {
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      image[at] = static_cast<char>(image[at] ^ mask);
      EXPECT_NO_THROW((void)read_exactly(image)) << "byte " << at;
      image[at] = static_cast<char>(image[at] ^ mask);
    }
  }
}

TEST(ElfNote, IsNotInATextFile) {
  EXPECT_EQ(refusal("#!/bin/sh\necho plugin\n"), "it is not an ELF file");
  EXPECT_EQ(refusal(""), "it is not an ELF file");
}

TEST(ElfNote, IsNotSoughtInAFileThatEndsWithinItsHeader) {
  EXPECT_EQ(refusal("\x7f"
                    "ELF"),
            "the ELF file is truncated within its header");
}

TEST(ElfNote, IsNotSoughtInA32BitFile) {
  const auto image = with_header([](Elf64_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS32; });

  EXPECT_EQ(refusal(image), "it is not a 64-bit little-endian ELF file");
}

TEST(ElfNote, IsNotSoughtInAFileForAnotherMachine) {
  const auto image = with_header([](Elf64_Ehdr& h) { h.e_machine = EM_S390; });

  EXPECT_THAT(refusal(image), HasSubstr("built for another machine (ELF machine 22"));
}

TEST(ElfNote, IsNotSoughtInAnExecutable) {
  const auto image = with_header([](Elf64_Ehdr& h) { h.e_type = ET_EXEC; });

  EXPECT_EQ(refusal(image), "it is not a shared library");
}

TEST(ElfNote, IsNotReadThroughHeadersThatPointOutsideTheFile) {
  for (const std::uint64_t offset :
       {std::uint64_t{1} << 40, ~std::uint64_t{0}, ~std::uint64_t{0} - sizeof(Elf64_Phdr)}) {
    const auto image = with_header([&](Elf64_Ehdr& h) { h.e_phoff = offset; });
    EXPECT_NE(refusal(image), "accepted") << offset;
  }
}

// The header of `from`, and segments of notes that are all the same one.
std::string with_notes(const std::string& from, Elf64_Half segments, std::size_t notes) {
  Elf64_Ehdr header;
  std::memcpy(&header, from.data(), sizeof header);
  header.e_shoff = 0;
  header.e_phoff = sizeof header;
  header.e_phnum = segments;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof header + segments * sizeof segment;
  segment.p_filesz = notes * sizeof(Elf64_Nhdr);
  std::string image(segment.p_offset + segment.p_filesz, '\0');
  std::memcpy(image.data(), &header, sizeof header);
  for (std::size_t i = 0; i < segments; ++i) {
    std::memcpy(&image[sizeof header + i * sizeof segment], &segment, sizeof segment);
  }
  return image;
}

TEST(ElfNote, IsNotSoughtAmongMoreNotesThanALibraryHas) {
  const auto model = read_bytes(zoo_path("c_minimal"));

  EXPECT_THAT(refusal(with_notes(model, 9, 111)), HasSubstr("carries no Unity manifest"));
  EXPECT_THAT(refusal(with_notes(model, 1, 1'000)), HasSubstr("has 1000 ELF notes or more"));
  EXPECT_THAT(refusal(with_notes(model, 10, 100)), HasSubstr("has 1000 ELF notes or more"));
  EXPECT_THAT(refusal(with_notes(model, 60'000, 60'000)), HasSubstr("has 1000 ELF notes or more"));
}

TEST(ElfNote, IsMissingFromAPlainLibrary) {
  EXPECT_THAT(refusal(read_bytes(zoo_path("no_note"))), HasSubstr("carries no Unity manifest"));
}

}  // namespace
}  // namespace unity::host
