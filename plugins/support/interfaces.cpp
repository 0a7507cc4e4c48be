#include "support/interfaces.hpp"

namespace unity::plugins {
namespace {

constexpr std::string_view kWanted = "interface counters";

Traffic take_traffic(const Lines& lines, Fields& fields) {
  Traffic traffic;
  for (auto* counter : {&traffic.bytes, &traffic.packets, &traffic.errors, &traffic.dropped}) {
    *counter = lines.number(fields, kWanted);
  }
  return traffic;
}

}  // namespace

void parse_interfaces(const Text& text, std::vector<Interface>& out) {
  out.clear();
  Lines lines(text);
  // Two lines of headings; the order of the columns has not changed since Linux 2.2.
  if (!lines.next() || !lines.next()) missing(kWanted, text.path);
  while (lines.next()) {
    // No blank need follow the colon, and no name has one.
    const auto colon = lines.line().find(':');
    if (colon == std::string_view::npos) lines.malformed(kWanted);
    Interface interface;
    interface.name = Fields(lines.line().substr(0, colon)).next();
    Fields fields(lines.line().substr(colon + 1));
    interface.received = take_traffic(lines, fields);
    fields.skip(3);  // fifo, frame, compressed
    interface.multicast = lines.number(fields, kWanted);
    interface.sent = take_traffic(lines, fields);
    fields.skip(1);  // fifo
    interface.collisions = lines.number(fields, kWanted);
    out.push_back(interface);
  }
}

}  // namespace unity::plugins
