// Where everything lies that the hostile host lends to a plugin.
#pragma once

#include <cstddef>
#include <string>

namespace unity::check {

// A piece of memory that was lent. Its address is used for nothing else as long as `Lent` pieces
// of the last kKeptMax are remembered, so that a late use is recognised as such.
struct Lent {
  void* at = nullptr;
  std::size_t size = 0;
  void* pages = nullptr;  // if it has pages of its own
  std::size_t pages_size = 0;
};

// In `fenced` memory the piece ends where a page begins that nobody may touch; reading on ends in
// a crash that names `what`. Plain memory is followed by zeroes. Ends the process if there is none.
Lent lend(std::size_t size, std::size_t alignment, bool fenced, const std::string& what);

// The loan is over. Fenced memory may not even be read from now on; `when` completes the sentence
// "it touched WHAT after ...".
void take_back(const Lent& lent, const std::string& what, const std::string& when);

// Whether the address lies in anything that was ever lent: to tell a late use from a foreign
// pointer.
bool was_lent(const void* at);

// Copies what may not be readable at all. False if any byte of it is not.
bool copy_if_readable(const void* from, std::size_t size, std::string& to);

}  // namespace unity::check
