#include "plugin/symbols.hpp"

#include <elf.h>

#include "plugin/elf_image.hpp"

namespace unity::host {
namespace {

std::optional<std::string> search(std::string_view image, const Elf64_Shdr& table,
                                  const Elf64_Shdr& names, std::uint64_t offset) {
  const auto symbols = slice(image, table.sh_offset, table.sh_size);
  const auto texts = slice(image, names.sh_offset, names.sh_size);
  if (!symbols || !texts) return std::nullopt;
  for (std::uint64_t at = 0; at < symbols->size(); at += sizeof(Elf64_Sym)) {
    const auto symbol = read_at<Elf64_Sym>(*symbols, at);
    if (!symbol || ELF64_ST_TYPE(symbol->st_info) != STT_FUNC) continue;
    if (offset < symbol->st_value || offset - symbol->st_value >= symbol->st_size) continue;
    if (symbol->st_name >= texts->size()) return std::nullopt;
    const auto rest = texts->substr(symbol->st_name);
    return std::string(rest.substr(0, rest.find('\0')));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_symbol(std::string_view image, std::uint64_t offset) {
  const auto header = read_at<Elf64_Ehdr>(image, 0);
  if (!header || header->e_shentsize != sizeof(Elf64_Shdr)) return std::nullopt;
  const auto section = [&](std::uint64_t number) {
    return read_at<Elf64_Shdr>(image, header->e_shoff + number * sizeof(Elf64_Shdr));
  };
  for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto table = section(i);
    if (!table || table->sh_type != SHT_SYMTAB) continue;
    const auto names = section(table->sh_link);
    return names ? search(image, *table, *names, offset) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace unity::host
