// Builds metric records as newline-delimited JSON, in one growing buffer.
//
//   Records records;
//   records.metric("disk_io").tag("device", "sda").field("reads", reads).field("writes", writes);
//   call.emit(records);
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "unity/sdk/utf8.hpp"

namespace unity::sdk {
inline namespace v1 {

namespace detail {

// Bytes that are not UTF-8 are replaced: a strange name must not cost the record.
inline void append_escaped(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x80) {
      const auto length = utf8_length(text.substr(at));
      out += length > 0 ? text.substr(at, length) : kReplacement;
      at += length > 0 ? length : 1;
      continue;
    }
    if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      if (byte == '"' || byte == '\\') out += '\\';
      out += text[at];
    }
    ++at;
  }
  out += '"';
}

template <class Number>
void append_number(std::string& out, Number number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  out.append(buffer, end);
}

// A value of JSON.
inline void append_value(std::string& out, std::floating_point auto value) {
  if (std::isfinite(value)) {
    append_number(out, value);
  } else {
    out += "null";  // JSON has no NaN
  }
}
inline void append_value(std::string& out, bool value) { out += value ? "true" : "false"; }

}  // namespace detail

class Records;

// One record being written; tags must come before fields. It is complete at the end of the
// statement, or, where fields are optional, at the end of the scope of a named one:
//
//   auto record = records.metric("swap");
//   record.field("used", used);
//   if (rate) record.field("rate", *rate);
class Record {
 public:
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  ~Record() {
    // Half a record, because something threw: it is taken back, which takes no memory.
    if (std::uncaught_exceptions() > exceptions_) fields_ = 0;
    close();
  }

  Record& tag(std::string_view key, std::string_view value) {
    out_ += tags_++ == 0 ? R"(,"tags":{)" : ",";
    detail::append_escaped(out_, key);
    out_ += ':';
    detail::append_escaped(out_, value);
    return keep_room();
  }

  Record& field(std::string_view name, std::floating_point auto value) {
    open_field(name);
    detail::append_value(out_, value);
    return keep_room();
  }
  Record& field(std::string_view name, bool value) {
    open_field(name);
    detail::append_value(out_, value);
    return keep_room();
  }
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) Record& field(std::string_view name, Integer value) {
    open_field(name);
    detail::append_number(out_, value);
    return keep_room();
  }
  Record& field(std::string_view name, std::string_view text) {
    open_field(name);
    detail::append_escaped(out_, text);
    return keep_room();
  }
  Record& field(std::string_view name, const char* text) {
    return field(name, std::string_view(text));
  }

  // One sentence for people, kept beside the numbers.
  Record& summary(std::string_view text) {
    summary_.clear();
    if (!text.empty()) detail::append_escaped(summary_, text);
    return keep_room();
  }

 private:
  friend class Records;
  Record(std::string& out, std::string_view metric) : out_(out), start_(out.size()) {
    try {
      out_ += R"({"metric":)";
      detail::append_escaped(out_, metric);
      keep_room();
    } catch (...) {
      out_.resize(start_);  // there will be no destructor
      throw;
    }
  }

  // So much is free behind the text that close() needs no memory: it runs in a destructor, where
  // nothing may be thrown.
  Record& keep_room() {
    const auto needed =
        kClosing.size() + 2 + (summary_.empty() ? 0 : kSummary.size()) + summary_.size();
    if (out_.capacity() - out_.size() < needed) out_.reserve(out_.size() + needed);
    return *this;
  }

  void open_field(std::string_view name) {
    if (fields_++ == 0) {
      if (tags_ > 0) out_ += '}';
      out_ += R"(,"values":{)";
    } else {
      out_ += ',';
    }
    detail::append_escaped(out_, name);
    out_ += ':';
  }

  // A record without a field says nothing and is taken back.
  void close() {
    if (fields_ == 0) {
      out_.resize(start_);
      return;
    }
    out_ += '}';
    if (!summary_.empty()) {
      out_ += kSummary;
      out_ += summary_;
    }
    out_ += kClosing;
  }

  static constexpr std::string_view kSummary = R"(,"summary":)";
  static constexpr std::string_view kClosing = "}\n";

  std::string& out_;
  std::size_t start_;
  int exceptions_ = std::uncaught_exceptions();
  std::string summary_;  // as JSON
  unsigned tags_ = 0;
  unsigned fields_ = 0;
};

class Records {
 public:
  // Starts the next record. It must be complete before the one after it is started.
  [[nodiscard]] Record metric(std::string_view name) { return Record(text_, name); }

  // The records written so far, one JSON object a line.
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  // Forgets the records but keeps the memory for the next run.
  void clear() { text_.clear(); }

 private:
  std::string text_;
};

}  // namespace v1
}  // namespace unity::sdk
