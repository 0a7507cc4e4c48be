#include "postgres/rows.hpp"

#include "postgres/wire.hpp"

namespace unity::db::postgres {

std::string_view Rows::bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t Rows::integer(int row, int column) const {
  const auto value = bytes(row, column);
  if (value.size() == sizeof(std::int32_t)) return read_big<std::int32_t>(value.data());
  return value.size() == sizeof(std::int64_t) ? read_big<std::int64_t>(value.data()) : 0;
}

double Rows::real(int row, int column) const { return std::bit_cast<double>(integer(row, column)); }

Time Rows::time(int row, int column) const { return time_of(integer(row, column)); }

std::string_view Rows::json(int row, int column) const {
  auto value = bytes(row, column);
  value.remove_prefix(value.empty() ? 0 : 1);  // the version of the form
  return value;
}

bool Rows::flag(int row, int column) const {
  const auto value = bytes(row, column);
  return !value.empty() && value[0] != 0;
}

}  // namespace unity::db::postgres
