#include "plugin/elf_note.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <optional>

#include "plugin/elf_image.hpp"

namespace unity::host {
namespace {

constexpr std::string_view kOwner("UNITY\0", 6);
constexpr std::uint32_t kType = 1;
// A library has a handful. But many headers may name one segment that is full of notes.
constexpr std::size_t kNotesMax = 1000;
constexpr std::size_t kManifestSizeMax = std::size_t{1} << 20;
#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr Elf64_Half kMachine = EM_RISCV;
#endif

Error not_a_plugin(std::string why) { return {Errc::invalid, std::move(why)}; }

Result<Elf64_Ehdr> read_header(std::string_view image) {
  if (!image.starts_with(std::string_view(ELFMAG, SELFMAG))) {
    return not_a_plugin("it is not an ELF file");
  }
  const auto header = read_at<Elf64_Ehdr>(image, 0);
  if (!header) return not_a_plugin("the ELF file is truncated within its header");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
    return not_a_plugin("it is not a 64-bit little-endian ELF file");
  }
  if (header->e_machine != kMachine) {
    return not_a_plugin(fmt::format("it is built for another machine (ELF machine {}, this is {})",
                                    header->e_machine, kMachine));
  }
  if (header->e_type != ET_DYN) return not_a_plugin("it is not a shared library");
  if (header->e_phentsize != sizeof(Elf64_Phdr)) {
    return not_a_plugin("its program headers have an unknown size");
  }
  // Nothing at run time needs the section headers, but they come last: without them the file is
  // not the one that was built.
  const auto sections_size = std::uint64_t{header->e_shnum} * header->e_shentsize;
  if (header->e_shoff != 0 && !slice(image, header->e_shoff, sections_size)) {
    return not_a_plugin("the ELF file is truncated: its section headers lie beyond its end");
  }
  // A file that was given its size before it was written ends with zeroes.
  const auto names_at = header->e_shoff + std::uint64_t{header->e_shstrndx} * header->e_shentsize;
  const auto names = read_at<Elf64_Shdr>(image, names_at);
  const bool has_names = header->e_shoff != 0 && header->e_shstrndx < header->e_shnum;
  if (has_names && (!names || names->sh_type != SHT_STRTAB)) {
    return not_a_plugin("the ELF file is not whole: its section headers are not written");
  }
  return *header;
}

// Notes are padded to four bytes, in the file and in its own sizes.
std::uint64_t padded(std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; }

// Looks at no more than `room` notes, and takes those that it looked at from it.
std::optional<std::string_view> find_note(std::string_view notes, std::size_t& room) {
  std::uint64_t at = 0;
  for (; room > 0; --room) {
    const auto note = read_at<Elf64_Nhdr>(notes, at);
    if (!note) return std::nullopt;
    const auto owner_at = at + sizeof(Elf64_Nhdr);
    const auto text_at = owner_at + padded(note->n_namesz);
    const auto owner = slice(notes, owner_at, note->n_namesz);
    const auto text = slice(notes, text_at, note->n_descsz);
    if (!owner || !text) return std::nullopt;
    if (*owner == kOwner && note->n_type == kType) return text;
    at = text_at + padded(note->n_descsz);
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> read_manifest_note(std::string_view image) {
  const auto header = read_header(image);
  if (!header) return header.error();

  std::optional<std::string_view> manifest;
  std::size_t room = kNotesMax;
  for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
    const auto segment = read_at<Elf64_Phdr>(image, header->e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) return not_a_plugin("the ELF file is truncated within its program headers");
    if (segment->p_type != PT_LOAD && segment->p_type != PT_NOTE) continue;
    const auto bytes = slice(image, segment->p_offset, segment->p_filesz);
    // Mapping a segment that is not there would end in SIGBUS, long after any check.
    if (!bytes) return not_a_plugin("the ELF file is truncated: a segment lies beyond its end");
    if (segment->p_type == PT_NOTE && !manifest) manifest = find_note(*bytes, room);
  }
  if (!manifest && room == 0) {
    return not_a_plugin(fmt::format("it has {} ELF notes or more", kNotesMax));
  }
  if (!manifest) {
    return not_a_plugin(
        "it carries no Unity manifest (ELF note .note.unity); build it with "
        "unity_add_plugin of the plugin SDK");
  }
  if (manifest->size() > kManifestSizeMax) {
    return not_a_plugin(
        fmt::format("its manifest has {} bytes, more than {}", manifest->size(), kManifestSizeMax));
  }
  if (manifest->empty() || manifest->back() != '\0') {
    return not_a_plugin("its manifest does not end with a NUL");
  }
  manifest->remove_suffix(1);
  return std::string(*manifest);
}

}  // namespace unity::host
