#include "check/hostile/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "check/hostile/text.hpp"

namespace unity::check {
namespace {

constexpr std::size_t kBatchMax = std::size_t{16} << 20;
constexpr std::uint32_t kStructMax = 4096;

World& world() { return World::get(); }

// Parameter rule of the ABI: at least what 1.0 has, and zeroes in what is beyond.
template <class Struct>
unity_status read_parameters(const Struct* lent, Struct& out, const char* name) {
  std::string head;
  if (!copy_if_readable(lent, sizeof(std::uint32_t), head)) {
    world().breaches.add(Breach::pointer, fmt::format("a {} cannot be read", name));
    return UNITY_E_INVALID;
  }
  std::uint32_t size = 0;
  std::memcpy(&size, head.data(), sizeof size);
  if (size < sizeof(Struct) || size > kStructMax) {
    world().breaches.add(Breach::parameter,
                         fmt::format("a {} says that it has {} bytes; in ABI 1.0 it has {}", name,
                                     size, sizeof(Struct)));
    return UNITY_E_INVALID;
  }
  std::string whole;
  if (!copy_if_readable(lent, size, whole)) {
    world().breaches.add(Breach::pointer, fmt::format("a {} cannot be read whole", name));
    return UNITY_E_INVALID;
  }
  std::memcpy(&out, whole.data(), sizeof out);
  const bool zero = std::all_of(whole.begin() + sizeof(Struct), whole.end(),
                                [](char byte) { return byte == '\0'; });
  if (!zero) {
    world().breaches.add(
        Breach::parameter,
        fmt::format("a {} carries {} bytes more than ABI 1.0 and they are not zero", name,
                    size - sizeof(Struct)));
    return UNITY_E_TOO_NEW;
  }
  return UNITY_OK;
}

}  // namespace

std::optional<std::string> read_lent(unity_str lent, std::size_t most, bool text,
                                     const std::string& what) {
  if (lent.len == 0) return std::string();
  if (lent.len > most) return std::nullopt;  // a limit, not a breach: it is answered as such
  std::string copy;
  if (lent.ptr == nullptr || !copy_if_readable(lent.ptr, lent.len, copy)) {
    world().breaches.add(
        Breach::pointer,
        fmt::format("{} is {} bytes long, of which not all can be read", what, lent.len));
    return std::nullopt;
  }
  if (text && !is_utf8(copy)) {
    world().breaches.add(Breach::pointer, fmt::format("{} is not UTF-8", what));
  }
  return copy;
}

std::optional<std::string> read_shown(unity_str lent, std::size_t most, const std::string& what) {
  auto copy = read_lent(lent, most, true, what);
  if (copy && copy->find(kCanary) != copy->npos) {
    world().breaches.add(Breach::secret, fmt::format("{} holds the value of a secret", what));
  }
  return copy;
}

unity_status read_batch(const unity_batch* lent, const std::string& who, Batch& out) {
  unity_batch batch{};
  if (const auto status = read_parameters(lent, batch, "unity_batch"); status != UNITY_OK) {
    return status;
  }
  const auto bad = [&](std::string text) {
    world().breaches.add(Breach::parameter, fmt::format("{}: {}", who, text));
    return UNITY_E_INVALID;
  };
  if (batch.flags != 0) return bad(fmt::format("a batch has the flags {:#x}", batch.flags));
  if (batch.format != UNITY_FORMAT_JSON_ARRAY && batch.format != UNITY_FORMAT_NDJSON) {
    return bad(fmt::format("a batch has the format {}", batch.format));
  }
  if (batch.dataset > world().datasets.size()) {
    return bad(fmt::format("a batch is for the dataset {}, which no dataset_find() has given",
                           batch.dataset));
  }
  if (batch.data.len > kBatchMax || batch.checkpoint.len > kTextMax) return UNITY_E_LIMIT;
  auto data = read_shown(batch.data, kBatchMax, "a batch of " + who);
  auto checkpoint = read_lent(batch.checkpoint, kTextMax, false, "a checkpoint of " + who);
  if (!data || !checkpoint) return UNITY_E_INVALID;
  out = {batch.dataset, batch.format,       std::move(*data),
         batch.n_rows,  batch.time_unix_ns, std::move(*checkpoint)};
  return UNITY_OK;
}

unity_status read_error(const unity_error* lent, unity_error& out) {
  return read_parameters(lent, out, "unity_error");
}

}  // namespace unity::check
