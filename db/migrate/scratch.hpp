// An empty database that nobody else uses, made beside the configured one for as long as somebody
// wants to try something.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "unity/db/open.hpp"

namespace unity::db {

class Scratch {
 public:
  using Drop = std::function<Result<void>()>;

  // `name` is for people: "schema unity_test_1f3a of unity on nas:5432".
  Scratch(DatabaseConfig config, std::string name, Drop drop)
      : config_(std::move(config)), name_(std::move(name)), drop_(std::move(drop)) {}
  Scratch(Scratch&& other) noexcept
      : config_(std::move(other.config_)),
        name_(std::move(other.name_)),
        drop_(std::exchange(other.drop_, nullptr)) {}
  Scratch& operator=(Scratch&&) = delete;
  // Takes it away, if drop() did not; then nobody hears of a failure.
  ~Scratch() { static_cast<void>(drop()); }

  const DatabaseConfig& config() const { return config_; }
  const std::string& name() const { return name_; }

  // Takes it away with all that is in it.
  Result<void> drop() {
    const auto drop = std::exchange(drop_, nullptr);
    return drop ? drop() : Result<void>();
  }

 private:
  DatabaseConfig config_;
  std::string name_;
  Drop drop_;
};

// "unity_test_1f3a5b7c": hard to guess, so that it is nobody else's.
std::string make_scratch_name(std::string_view prefix);

}  // namespace unity::db
