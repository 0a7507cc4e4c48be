#include "table.hpp"

#include <initializer_list>
#include <map>

namespace unity::units {
namespace {

// {length, mass, time, current, temperature, information}
constexpr Dimension kNone{};
constexpr Dimension kLength{{1, 0, 0, 0, 0, 0}};
constexpr Dimension kMass{{0, 1, 0, 0, 0, 0}};
constexpr Dimension kTime{{0, 0, 1, 0, 0, 0}};
constexpr Dimension kCurrent{{0, 0, 0, 1, 0, 0}};
constexpr Dimension kTemperature{{0, 0, 0, 0, 1, 0}};
constexpr Dimension kInformation{{0, 0, 0, 0, 0, 1}};
constexpr Dimension kFrequency{{0, 0, -1, 0, 0, 0}};
constexpr Dimension kPower{{2, 1, -3, 0, 0, 0}};
constexpr Dimension kEnergy{{2, 1, -2, 0, 0, 0}};
constexpr Dimension kVoltage{{2, 1, -3, -1, 0, 0}};
constexpr Dimension kResistance{{2, 1, -3, -2, 0, 0}};
constexpr Dimension kCharge{{0, 0, 1, 1, 0, 0}};
constexpr Dimension kPressure{{-1, 1, -2, 0, 0, 0}};

constexpr std::pair<Dimension, std::string_view> kQuantities[] = {
    {kNone, "ratio or count"},
    {kInformation, "information"},
    {{{0, 0, -1, 0, 0, 1}}, "data rate"},
    {kTime, "time"},
    {kFrequency, "frequency"},
    {kTemperature, "temperature"},
    {kPower, "power"},
    {kEnergy, "energy"},
    {kVoltage, "voltage"},
    {kCurrent, "electric current"},
    {kResistance, "resistance"},
    {kCharge, "charge"},
    {kPressure, "pressure"},
    {kLength, "length"},
    {{{1, 0, -1, 0, 0, 0}}, "speed"},
    {kMass, "mass"},
};

struct Prefix {
  char letter;
  double factor;
  double divisor;
};
constexpr Prefix kPrefixes[] = {{'n', 1, 1e9},  {'u', 1, 1e6},  {'m', 1, 1e3}, {'c', 1, 1e2},
                                {'h', 1e2, 1},  {'k', 1e3, 1},  {'M', 1e6, 1}, {'G', 1e9, 1},
                                {'T', 1e12, 1}, {'P', 1e15, 1}, {'E', 1e18, 1}};
constexpr std::pair<std::string_view, double> kBinaryPrefixes[] = {
    {"Ki", 0x1p10}, {"Mi", 0x1p20}, {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60}};

struct Row {
  std::string_view symbol;
  std::initializer_list<std::string_view> aliases;
  Dimension dimension;
  double factor = 1;
  double divisor = 1;
  std::string_view prefixes{};  // letters of kPrefixes
  std::string_view stem{};      // what stands behind a prefix, if not the symbol ("B": "MB")
  bool binary = false;          // takes Ki, Mi, ... too
  double zero = 0;
  bool affine = false;
};

const Row kRows[] = {
    {.symbol = "1", .aliases = {"count", "ratio"}, .dimension = kNone},
    {.symbol = "%", .aliases = {"percent", "pct"}, .dimension = kNone, .divisor = 100},
    {.symbol = "ppm", .aliases = {"[ppm]"}, .dimension = kNone, .divisor = 1e6},
    {.symbol = "ppb", .aliases = {"[ppb]"}, .dimension = kNone, .divisor = 1e9},
    {.symbol = "bit",
     .aliases = {"bits"},
     .dimension = kInformation,
     .prefixes = "kMGTPE",
     .binary = true},
    {.symbol = "By",
     .aliases = {"B", "byte", "bytes", "octet", "octets"},
     .dimension = kInformation,
     .factor = 8,
     .prefixes = "kMGTPE",
     .stem = "B",
     .binary = true},
    {.symbol = "s", .aliases = {"sec", "second", "seconds"}, .dimension = kTime, .prefixes = "num"},
    {.symbol = "min", .aliases = {"minute", "minutes"}, .dimension = kTime, .factor = 60},
    {.symbol = "h", .aliases = {"hr", "hour", "hours"}, .dimension = kTime, .factor = 3600},
    {.symbol = "d", .aliases = {"day", "days"}, .dimension = kTime, .factor = 86'400},
    {.symbol = "w", .aliases = {"wk", "week", "weeks"}, .dimension = kTime, .factor = 604'800},
    {.symbol = "Hz", .aliases = {"hertz"}, .dimension = kFrequency, .prefixes = "mkMGT"},
    {.symbol = "rpm", .aliases = {"RPM", "{rpm}"}, .dimension = kFrequency, .divisor = 60},
    {.symbol = "Cel",
     .aliases = {"degC", "\u00b0C", "\u2103", "celsius"},
     .dimension = kTemperature,
     .affine = true},
    {.symbol = "K", .aliases = {"kelvin"}, .dimension = kTemperature, .zero = 273.15},
    {.symbol = "[degF]",
     .aliases = {"degF", "\u00b0F", "\u2109", "fahrenheit"},
     .dimension = kTemperature,
     .factor = 5,
     .divisor = 9,
     .zero = 32,
     .affine = true},
    {.symbol = "W", .aliases = {"watt", "watts"}, .dimension = kPower, .prefixes = "numkMG"},
    {.symbol = "VA", .aliases = {}, .dimension = kPower, .prefixes = "kM"},
    {.symbol = "J", .aliases = {"joule", "joules"}, .dimension = kEnergy, .prefixes = "numkMG"},
    {.symbol = "Wh", .aliases = {}, .dimension = kEnergy, .factor = 3600, .prefixes = "mkMG"},
    {.symbol = "V", .aliases = {"volt", "volts"}, .dimension = kVoltage, .prefixes = "numkM"},
    {.symbol = "A", .aliases = {"amp", "ampere"}, .dimension = kCurrent, .prefixes = "numk"},
    {.symbol = "Ah", .aliases = {}, .dimension = kCharge, .factor = 3600, .prefixes = "mk"},
    {.symbol = "Ohm", .aliases = {"ohm"}, .dimension = kResistance, .prefixes = "mkM"},
    {.symbol = "Pa", .aliases = {"pascal"}, .dimension = kPressure, .prefixes = "hkM"},
    {.symbol = "bar", .aliases = {}, .dimension = kPressure, .factor = 1e5, .prefixes = "m"},
    {.symbol = "atm", .aliases = {}, .dimension = kPressure, .factor = 101'325},
    {.symbol = "[psi]", .aliases = {"psi"}, .dimension = kPressure, .factor = 6894.757293168},
    {.symbol = "m", .aliases = {"meter", "metre"}, .dimension = kLength, .prefixes = "numck"},
    {.symbol = "[in_i]", .aliases = {"inch"}, .dimension = kLength, .factor = 254, .divisor = 1e4},
    {.symbol = "g", .aliases = {"gram"}, .dimension = kMass, .divisor = 1000, .prefixes = "numk"},
    {.symbol = "t", .aliases = {"tonne"}, .dimension = kMass, .factor = 1000},
};

struct Table {
  std::map<std::string, Unit, std::less<>> by_name;
  std::vector<std::string> names;
  std::vector<std::pair<std::string, std::string>> canonical;

  Table() {
    for (const auto& row : kRows) {
      add(std::string(row.symbol), row, 1, 1);
      alias(row.symbol, row.aliases);
      const std::string stem(row.stem.empty() ? row.symbol : row.stem);
      for (const auto& prefix : kPrefixes) {
        if (row.prefixes.find(prefix.letter) == row.prefixes.npos) continue;
        const auto name = prefix.letter + stem;
        add(name, row, prefix.factor, prefix.divisor);
        if (prefix.letter == 'u')
          by_name["\u00b5" + stem] = by_name["\u03bc" + stem] = by_name[name];
        if (stem != row.symbol) by_name[prefix.letter + std::string(row.symbol)] = by_name[name];
      }
      if (!row.binary) continue;
      for (const auto& [prefix, factor] : kBinaryPrefixes) {
        const auto name = std::string(prefix) + stem;
        add(name, row, factor, 1);
        if (stem != row.symbol) {
          by_name[std::string(prefix) + std::string(row.symbol)] = by_name[name];
        }
      }
    }
    // As networks are spoken of.
    for (const char letter : std::string_view("kMGT")) {
      auto rate = by_name[letter + std::string("bit")];
      rate.parts.emplace_back("s", -1);
      rate.dimension.exponents[Dimension::time] = -1;
      by_name[letter + std::string("bps")] = rate;
    }
    for (const auto& entry : by_name) names.push_back(entry.first);
  }

  void add(const std::string& name, const Row& row, double factor, double divisor) {
    Unit unit;
    if (name != "1") unit.parts.emplace_back(name, 1);
    unit.dimension = row.dimension;
    unit.factor = row.factor * factor;
    unit.divisor = row.divisor * divisor;
    unit.zero = row.zero;
    unit.affine = row.affine;
    by_name[name] = std::move(unit);
    canonical.emplace_back(name, quantity_of(row.dimension));
  }

  void alias(std::string_view name, std::initializer_list<std::string_view> aliases) {
    const auto unit = by_name.find(name)->second;
    for (const auto other : aliases) by_name[std::string(other)] = unit;
  }
};

const Table& table() {
  static const Table made;
  return made;
}

}  // namespace

const Unit* find_unit(std::string_view name) {
  const auto found = table().by_name.find(name);
  return found != table().by_name.end() ? &found->second : nullptr;
}

const std::vector<std::string>& all_names() { return table().names; }

std::optional<std::string> advice_for(std::string_view name) {
  if (name == "KB") return "write kB for 1000 bytes or KiB for 1024";
  if (name == "C") return "write Cel or degC for degrees Celsius";
  if (name == "F") return "write degF for degrees Fahrenheit";
  if (name == "b") return "write bit, or B for bytes";
  if (name.size() == 2 && name[1] == 'b' && std::string_view("kKMGTP").find(name[0]) != name.npos) {
    const std::string prefix(1, name[0] == 'K' ? 'k' : name[0]);
    return "write " + prefix + "bit for bits or " + prefix + "B for bytes";
  }
  return std::nullopt;
}

std::string_view quantity_of(const Dimension& dimension) {
  for (const auto& [known, name] : kQuantities) {
    if (known == dimension) return name;
  }
  return {};
}

}  // namespace unity::units

namespace unity {

std::vector<std::pair<std::string, std::string>> unit_names() { return units::table().canonical; }

}  // namespace unity
