// MariaDB's error numbers in our words.
#pragma once

#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"

namespace unity::db::mariadb {

namespace code {
inline constexpr unsigned kNone = 0;
inline constexpr unsigned kDuplicateEntry = 1062;
inline constexpr unsigned kNoSuchTable = 1146;
inline constexpr unsigned kNoSuchColumn = 1054;
inline constexpr unsigned kLockWaitTimeout = 1205;
inline constexpr unsigned kDeadlock = 1213;
inline constexpr unsigned kNoPartition = 1526;
}  // namespace code

// What a number means for who must act.
Errc classify(unsigned code);

// The client library's own, rather than the server's: the session is over.
bool is_of_client(unsigned code);
// Whether the session is over after this failure.
bool ends_session(unsigned code);

// "cannot <doing> <place>: <why> (error 1045)", with advice where there is some.
Error server_error(unsigned code, std::string_view text, std::string_view doing,
                   std::string_view place);

}  // namespace unity::db::mariadb
