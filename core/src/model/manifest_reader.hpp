// Reads a manifest's JSON and collects the complaints, so that an author mends them all at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unity/core/base/time.hpp"
#include "unity/core/json/value.hpp"

namespace unity {

// `where` names the object in complaints: "manifest", "/metrics/0".
class ManifestReader {
 public:
  // A line for each of the first complaints, and how many more there are; empty if there is none.
  std::string problems() const;

  void complain(std::string_view where, std::string_view what);

  // The member of an object, or null after a complaint if it is needed and missing.
  const json::Value* member(const json::Value& object, std::string_view where,
                            std::string_view name, bool needed);
  std::string text(const json::Value& object, std::string_view where, std::string_view name,
                   bool needed, std::size_t longest);
  bool flag(const json::Value& object, std::string_view where, std::string_view name);
  std::optional<Duration> duration(const json::Value& object, std::string_view where,
                                   std::string_view name);
  std::optional<double> number(const json::Value& object, std::string_view where,
                               std::string_view name);
  const json::Array& list(const json::Value& object, std::string_view where, std::string_view name,
                          bool needed);

  // Members that nobody reads are typing mistakes or from a later version: say so either way.
  void only(const json::Value& object, std::string_view where,
            const std::vector<std::string>& known);

 private:
  // A hostile manifest can give cause for any number of complaints: nobody reads that many.
  static constexpr std::size_t kShown = 50;

  std::string text_;
  std::size_t count_ = 0;
};

}  // namespace unity
