#include "check/elf/image.hpp"

#include <algorithm>
#include <cstring>

namespace unity::check {
namespace {

constexpr std::size_t kSymbolsMax = 1'000'000;
constexpr std::size_t kEntriesMax = 65'536;

}  // namespace

std::string_view ElfImage::text_at(std::string_view table, std::uint64_t offset) const {
  if (offset >= table.size()) return {};
  const auto rest = table.substr(offset);
  const auto end = rest.find('\0');
  return end == rest.npos ? std::string_view() : rest.substr(0, end);
}

std::string_view ElfImage::dynamic_text(std::uint64_t offset) const {
  return text_at(strings_, offset);
}

Result<ElfImage> ElfImage::read(std::string_view bytes) {
  ElfImage image(bytes);
  const auto header = image.read_at<Elf64_Ehdr>(0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
    return Error{Errc::invalid, "it is not an ELF file"};
  }
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
    return Error{Errc::invalid, "it is not a 64-bit little-endian ELF file"};
  }
  image.header_ = *header;
  image.read_segments();
  image.read_dynamic();
  image.read_versions();
  image.read_symbols();
  return image;
}

void ElfImage::read_segments() {
  for (std::uint64_t i = 0; i < header_.e_phnum; ++i) {
    const auto segment = read_at<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) {
      complete_ = false;
      return;
    }
    segments_.push_back(*segment);
  }
}

const Elf64_Phdr* ElfImage::segment(Elf64_Word type) const {
  const auto found = std::find_if(segments_.begin(), segments_.end(),
                                  [&](const auto& segment) { return segment.p_type == type; });
  return found != segments_.end() ? &*found : nullptr;
}

std::string_view ElfImage::at_address(std::uint64_t address, std::uint64_t size) const {
  for (const auto& segment : segments_) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
    const auto into = address - segment.p_vaddr;
    if (into > segment.p_filesz || segment.p_filesz - into < size) continue;
    return slice(segment.p_offset + into, size);
  }
  return {};
}

void ElfImage::read_dynamic() {
  const auto* segment = this->segment(PT_DYNAMIC);
  if (segment == nullptr) return;
  for (std::uint64_t i = 0;
       i < std::min<std::uint64_t>(segment->p_filesz / sizeof(Elf64_Dyn), kEntriesMax); ++i) {
    const auto entry = read_at<Elf64_Dyn>(segment->p_offset + i * sizeof(Elf64_Dyn));
    if (!entry) {
      complete_ = false;
      break;
    }
    if (entry->d_tag == DT_NULL) break;
    dynamic_.push_back(*entry);
  }
  const auto table = dynamic(DT_STRTAB);
  const auto size = dynamic(DT_STRSZ);
  if (table && size) strings_ = at_address(*table, *size);
}

std::optional<std::uint64_t> ElfImage::dynamic(Elf64_Sxword tag) const {
  for (const auto& entry : dynamic_) {
    if (entry.d_tag == tag) return entry.d_un.d_val;
  }
  return std::nullopt;
}

std::vector<std::string_view> ElfImage::dynamic_texts(Elf64_Sxword tag) const {
  std::vector<std::string_view> texts;
  for (const auto& entry : dynamic_) {
    if (entry.d_tag == tag) texts.push_back(dynamic_text(entry.d_un.d_val));
  }
  return texts;
}

// DT_VERNEED: a list of libraries, each with a list of versions. Both are linked by offsets, which
// only lead forward.
void ElfImage::read_versions() {
  const auto table = dynamic(DT_VERNEED);
  if (!table) return;
  std::uint64_t at = *table;
  for (std::size_t libraries = 0; libraries < kEntriesMax; ++libraries) {
    const auto bytes = at_address(at, sizeof(Elf64_Verneed));
    if (bytes.empty()) return;
    Elf64_Verneed need;
    std::memcpy(&need, bytes.data(), sizeof need);
    std::uint64_t entry_at = at + need.vn_aux;
    for (std::size_t i = 0; i < need.vn_cnt; ++i) {
      const auto entry_bytes = at_address(entry_at, sizeof(Elf64_Vernaux));
      if (entry_bytes.empty()) break;
      Elf64_Vernaux entry;
      std::memcpy(&entry, entry_bytes.data(), sizeof entry);
      versions_.push_back({dynamic_text(need.vn_file), dynamic_text(entry.vna_name)});
      version_indices_.push_back(entry.vna_other & 0x7fff);
      if (entry.vna_next == 0) break;
      entry_at += entry.vna_next;
    }
    if (need.vn_next == 0) return;
    at += need.vn_next;
  }
}

// The table says nowhere how long it is: the hash tables do, by what they index.
std::uint64_t ElfImage::count_symbols() const {
  if (const auto table = dynamic(DT_HASH)) {
    const auto bytes = at_address(*table, 8);
    if (!bytes.empty()) {
      std::uint32_t chains = 0;
      std::memcpy(&chains, bytes.data() + 4, sizeof chains);
      return chains;
    }
  }
  const auto table = dynamic(DT_GNU_HASH);
  if (!table) return 0;
  struct {
    std::uint32_t buckets, first, bloom_size, bloom_shift;
  } head;
  const auto bytes = at_address(*table, sizeof head);
  if (bytes.empty()) return 0;
  std::memcpy(&head, bytes.data(), sizeof head);
  const auto buckets_at = *table + sizeof head + std::uint64_t{head.bloom_size} * 8;
  std::uint64_t last = 0;
  for (std::uint32_t i = 0; i < head.buckets; ++i) {
    const auto bucket = at_address(buckets_at + std::uint64_t{i} * 4, 4);
    if (bucket.empty()) return 0;
    std::uint32_t symbol = 0;
    std::memcpy(&symbol, bucket.data(), sizeof symbol);
    last = std::max<std::uint64_t>(last, symbol);
  }
  if (last < head.first) return head.first;  // nothing is exported
  const auto chains_at = buckets_at + std::uint64_t{head.buckets} * 4;
  for (; last < kSymbolsMax; ++last) {
    const auto chain = at_address(chains_at + (last - head.first) * 4, 4);
    if (chain.empty()) return 0;
    std::uint32_t hash = 0;
    std::memcpy(&hash, chain.data(), sizeof hash);
    if ((hash & 1) != 0) return last + 1;
  }
  return 0;
}

void ElfImage::read_symbols() {
  const auto table = dynamic(DT_SYMTAB);
  const auto count = count_symbols();
  if (!table || count == 0) {
    complete_ = false;
    return;
  }
  const auto version_table = dynamic(DT_VERSYM);
  for (std::uint64_t i = 1; i < std::min<std::uint64_t>(count, kSymbolsMax); ++i) {
    const auto bytes = at_address(*table + i * sizeof(Elf64_Sym), sizeof(Elf64_Sym));
    if (bytes.empty()) {
      complete_ = false;
      return;
    }
    Elf64_Sym raw;
    std::memcpy(&raw, bytes.data(), sizeof raw);
    ElfSymbol symbol;
    symbol.name = dynamic_text(raw.st_name);
    symbol.defined = raw.st_shndx != SHN_UNDEF;
    symbol.weak = ELF64_ST_BIND(raw.st_info) == STB_WEAK;
    symbol.unique = ELF64_ST_BIND(raw.st_info) == STB_GNU_UNIQUE;
    symbol.type = ELF64_ST_TYPE(raw.st_info);
    if (version_table) {
      const auto index_bytes = at_address(*version_table + i * 2, 2);
      Elf64_Half index = 0;
      if (!index_bytes.empty()) std::memcpy(&index, index_bytes.data(), sizeof index);
      const auto found =
          std::find(version_indices_.begin(), version_indices_.end(), index & 0x7fff);
      if (found != version_indices_.end()) {
        const auto& version = versions_[static_cast<std::size_t>(found - version_indices_.begin())];
        symbol.version = version.name;
        symbol.library = version.library;
      }
    }
    symbols_.push_back(symbol);
  }
}

std::vector<Elf64_Shdr> ElfImage::sections() const {
  std::vector<Elf64_Shdr> sections;
  for (std::uint64_t i = 0; i < header_.e_shnum; ++i) {
    const auto section = read_at<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr));
    if (!section) break;
    sections.push_back(*section);
  }
  return sections;
}

std::vector<std::string_view> ElfImage::section_names() const {
  const auto sections = this->sections();
  if (header_.e_shstrndx >= sections.size()) return {};
  const auto& table = sections[header_.e_shstrndx];
  const auto texts = slice(table.sh_offset, table.sh_size);
  std::vector<std::string_view> names;
  for (const auto& section : sections) names.push_back(text_at(texts, section.sh_name));
  return names;
}

std::vector<std::string_view> ElfImage::static_symbol_names() const {
  const auto sections = this->sections();
  std::vector<std::string_view> names;
  for (const auto& section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size()) continue;
    const auto& strings = sections[section.sh_link];
    const auto texts = slice(strings.sh_offset, strings.sh_size);
    const auto table = slice(section.sh_offset, section.sh_size);
    for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= table.size(); at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      std::memcpy(&symbol, table.data() + at, sizeof symbol);
      const auto name = text_at(texts, symbol.st_name);
      if (symbol.st_shndx != SHN_UNDEF && !name.empty()) names.push_back(name);
    }
  }
  return names;
}

std::string_view ElfImage::note(std::string_view owner, std::uint32_t type) const {
  const auto padded = [](std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; };
  for (const auto& segment : segments_) {
    if (segment.p_type != PT_NOTE) continue;
    const auto notes = slice(segment.p_offset, segment.p_filesz);
    std::uint64_t at = 0;
    while (at + sizeof(Elf64_Nhdr) <= notes.size()) {
      Elf64_Nhdr note;
      std::memcpy(&note, notes.data() + at, sizeof note);
      const auto owner_at = at + sizeof note;
      const auto text_at = owner_at + padded(note.n_namesz);
      if (text_at > notes.size() || notes.size() - text_at < note.n_descsz) break;
      if (note.n_type == type && note.n_namesz == owner.size() + 1 &&
          notes.substr(owner_at, owner.size()) == owner) {
        return notes.substr(text_at, note.n_descsz);
      }
      at = text_at + padded(note.n_descsz);
    }
  }
  return {};
}

}  // namespace unity::check
