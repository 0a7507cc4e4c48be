// PostgreSQL's error codes in our words.
#pragma once

#include <string>
#include <string_view>

#include "unity/core/base/result.hpp"

namespace unity::db::postgres {

namespace sqlstate {
inline constexpr std::string_view kUniqueViolation = "23505";
inline constexpr std::string_view kCheckViolation = "23514";  // also: no partition for a row
inline constexpr std::string_view kSerialization = "40001";
inline constexpr std::string_view kDeadlock = "40P01";
inline constexpr std::string_view kUndefinedTable = "42P01";
inline constexpr std::string_view kUndefinedColumn = "42703";
inline constexpr std::string_view kDuplicateTable = "42P07";
inline constexpr std::string_view kDependentObjects = "2BP01";  // what is dropped is needed still
}  // namespace sqlstate

// What a code of five letters means for who must act.
Errc classify(std::string_view state);

// "cannot <doing> <place>: <why>", with advice where there is some.
Error server_error(std::string_view state, std::string_view text, std::string_view doing,
                   std::string_view place);

// A refusal to let us in has its code only inside its text: "FATAL:  28P01: password …".
struct Refusal {
  std::string state;  // empty: no server has answered
  std::string text;
};
Refusal parse_refusal(std::string_view message);

}  // namespace unity::db::postgres
