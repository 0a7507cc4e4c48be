// SHA-256: identity of plugin files, tag sets and migrations, and of what is moved to another
// database.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace unity {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
std::string to_hex(const Sha256& hash);

// The same of bytes that come piece by piece.
class Sha256Stream {
 public:
  Sha256Stream();
  Sha256Stream(Sha256Stream&& other) noexcept;
  Sha256Stream& operator=(Sha256Stream&& other) noexcept;
  ~Sha256Stream();

  void add(std::string_view bytes);
  // Of all that came until now; more may come.
  Sha256 digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace unity
