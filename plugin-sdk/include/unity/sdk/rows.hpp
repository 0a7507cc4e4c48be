// Builds rows of a dataset as newline-delimited JSON, in one growing buffer.
//
//   Rows rows;
//   rows.row().value("symbol", "ABC").value("price", 12.5);
//   call.emit(host.dataset("trades"), rows);
#pragma once

#include <utility>

#include "unity/sdk/records.hpp"

namespace unity::sdk {
inline namespace v1 {

class Rows;

// One row being written; complete at the end of the statement, or at the end of the scope of a
// named one. What is not given is NULL.
class Row {
 public:
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;
  ~Row() {
    // Half a row, because something threw: it is taken back, which takes no memory.
    if (std::uncaught_exceptions() > exceptions_) {
      out_.resize(start_);
    } else {
      out_ += "}\n";  // there is room; see keep_room()
    }
  }

  Row& value(std::string_view column, std::floating_point auto value) {
    open(column);
    detail::append_value(out_, value);
    return keep_room();
  }
  Row& value(std::string_view column, bool value) {
    open(column);
    detail::append_value(out_, value);
    return keep_room();
  }
  // Beyond 2^53 as text, as other readers of JSON would round it.
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) Row& value(std::string_view column, Integer value) {
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    const bool rounds = std::cmp_greater(value, exact) || std::cmp_less(value, -exact);
    open(column);
    if (rounds) out_ += '"';
    detail::append_number(out_, value);
    if (rounds) out_ += '"';
    return keep_room();
  }
  Row& value(std::string_view column, std::string_view text) {
    open(column);
    detail::append_escaped(out_, text);
    return keep_room();
  }
  Row& value(std::string_view column, const char* text) {
    return value(column, std::string_view(text));
  }
  // For columns of type json: `text` is JSON already.
  Row& json(std::string_view column, std::string_view text) {
    open(column);
    out_ += text;
    return keep_room();
  }

 private:
  friend class Rows;
  explicit Row(std::string& out) : out_(out), start_(out.size()) {
    try {
      out_ += '{';
      keep_room();
    } catch (...) {
      out_.resize(start_);  // there will be no destructor
      throw;
    }
  }

  void open(std::string_view column) {
    if (out_.size() > start_ + 1) out_ += ',';
    detail::append_escaped(out_, column);
    out_ += ':';
  }

  // The destructor needs no memory.
  Row& keep_room() {
    if (out_.capacity() - out_.size() < 2) out_.reserve(out_.size() + 64);
    return *this;
  }

  std::string& out_;
  std::size_t start_;
  int exceptions_ = std::uncaught_exceptions();
};

class Rows {
 public:
  // Starts the next row. It must be complete before the one after it is started.
  [[nodiscard]] Row row() { return Row(text_); }

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  // Forgets the rows but keeps the memory for the next run.
  void clear() { text_.clear(); }

 private:
  std::string text_;
};

}  // namespace v1
}  // namespace unity::sdk
