// A shared library's file as the dynamic linker would read it. Every offset in it is treated as
// hostile: what lies outside of the file is absent.
#pragma once

#include <elf.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/elf_image.hpp"
#include "unity/core/base/result.hpp"

namespace unity::check {

struct ElfSymbol {
  std::string_view name;
  std::string_view version;  // that it needs, with the library in `library`; empty: none
  std::string_view library;
  bool defined = false;
  bool weak = false;
  bool unique = false;  // STB_GNU_UNIQUE
  std::uint8_t type = STT_NOTYPE;
};

// A version of a library that the file needs: "GLIBC_2.34" of "libc.so.6".
struct ElfVersion {
  std::string_view library;
  std::string_view name;
};

// Views into the bytes it was read from, which must outlive it.
class ElfImage {
 public:
  // Fails only for what is no 64-bit little-endian ELF file.
  static Result<ElfImage> read(std::string_view bytes);

  const Elf64_Ehdr& header() const { return header_; }
  const std::vector<Elf64_Phdr>& segments() const { return segments_; }
  const Elf64_Phdr* segment(Elf64_Word type) const;

  // The value of a dynamic tag, the first if there are several.
  std::optional<std::uint64_t> dynamic(Elf64_Sxword tag) const;
  // All texts of a tag such as DT_NEEDED.
  std::vector<std::string_view> dynamic_texts(Elf64_Sxword tag) const;
  // DT_FLAGS and DT_FLAGS_1, zero where absent.
  std::uint64_t flags() const { return dynamic(DT_FLAGS).value_or(0); }
  std::uint64_t flags_1() const { return dynamic(DT_FLAGS_1).value_or(0); }

  // Of the dynamic symbol table, without the null symbol. `complete` is false if the table or a
  // name lies outside of the file.
  const std::vector<ElfSymbol>& symbols() const { return symbols_; }
  bool complete() const { return complete_; }
  const std::vector<ElfVersion>& needed_versions() const { return versions_; }

  // What the full symbol table defines, and the names of the sections; empty if it was stripped.
  std::vector<std::string_view> static_symbol_names() const;
  std::vector<std::string_view> section_names() const;

  // The contents of the first note of this owner and type, empty if there is none.
  std::string_view note(std::string_view owner, std::uint32_t type) const;

  // The bytes at an address as they lie in the file; empty if they do not.
  std::string_view at_address(std::uint64_t address, std::uint64_t size) const;

 private:
  explicit ElfImage(std::string_view bytes) : bytes_(bytes) {}

  template <class Struct>
  std::optional<Struct> read_at(std::uint64_t offset) const {
    return host::read_at<Struct>(bytes_, offset);
  }
  std::string_view slice(std::uint64_t offset, std::uint64_t size) const {
    return host::slice(bytes_, offset, size).value_or(std::string_view());
  }
  std::string_view text_at(std::string_view table, std::uint64_t offset) const;
  std::string_view dynamic_text(std::uint64_t offset) const;
  std::vector<Elf64_Shdr> sections() const;
  std::uint64_t count_symbols() const;
  void read_segments();
  void read_dynamic();
  void read_versions();
  void read_symbols();

  std::string_view bytes_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Dyn> dynamic_;
  std::string_view strings_;
  std::vector<ElfVersion> versions_;
  std::vector<Elf64_Half> version_indices_;  // beside versions_
  std::vector<ElfSymbol> symbols_;
  bool complete_ = true;
};

}  // namespace unity::check
