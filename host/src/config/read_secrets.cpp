// The section `secrets`. No message shows a value, nor what stands where one should.
#include <fmt/format.h>

#include "config/sections.hpp"
#include "config/text.hpp"
#include "plugin/secret_file.hpp"

namespace unity::host {
namespace {

struct Draft {
  const Environment& environment;
  SecretConfig secret = {};
  int sources = 0;
};

void take(Draft& draft, SecretConfig::Source source, std::string place, std::string_view value) {
  draft.secret.source = source;
  draft.secret.place = std::move(place);
  draft.secret.fingerprint = secret_fingerprint(value);
}

void read_from_file(Reader& reader, const Entry& entry, Draft& draft) {
  ++draft.sources;
  const auto path = reader.path(entry);
  if (!path) return;
  const auto value = read_secret_file(*path);
  if (!value) return reader.error(entry.value.place, value.error().message);
  take(draft, SecretConfig::Source::file, path->string(), value->view());
}

void read_from_environment(Reader& reader, const Entry& entry, Draft& draft) {
  ++draft.sources;
  const auto name = reader.text(entry);
  if (!name) return;
  const auto found = draft.environment.find(*name);
  if (found == draft.environment.end() || found->second.empty()) {
    return reader.error(entry.value.place,
                        fmt::format("the environment variable {} of secret `{}` is not set", *name,
                                    draft.secret.name));
  }
  take(draft, SecretConfig::Source::environment, *name, found->second);
  draft.secret.value = found->second;
}

void read_value(Reader& reader, const Entry& entry, Draft& draft) {
  ++draft.sources;
  if (entry.value.kind != Node::Kind::scalar) {
    return reader.error(entry.value.place,
                        fmt::format("the value of secret `{}` must be text", draft.secret.name));
  }
  const auto value = reader.text(entry);
  if (!value) return;
  if (value->size() > kSecretSizeMax) {
    return reader.error(entry.value.place,
                        fmt::format("the value of secret `{}` has more than {} KiB",
                                    draft.secret.name, kSecretSizeMax >> 10));
  }
  take(draft, SecretConfig::Source::value, {}, *value);
  draft.secret.value = *value;
}

constexpr Key<Draft> kKeys[] = {
    {"file", read_from_file}, {"env", read_from_environment}, {"value", read_value}};

}  // namespace

void read_secrets(Reader& reader, const Entry& entry, const Environment& environment,
                  std::vector<SecretConfig>& secrets) {
  constexpr auto kForm = "{file: /path}, {env: NAME} or {value: text}";
  if (entry.value.kind == Node::Kind::null) return;
  if (entry.value.kind != Node::Kind::mapping) {
    return reader.error(entry.value.place,
                        fmt::format("`secrets` must be a mapping from names to {}", kForm));
  }
  for (const auto& one : entry.value.entries) {
    if (!is_name(one.key)) {
      reader.error(one.key_place,
                   "the name of a secret must be 1 to 100 letters, digits, \"_\", \".\" or \"-\"");
      continue;
    }
    if (one.value.kind != Node::Kind::mapping) {
      reader.error(one.value.place, fmt::format("secret `{}` must be {}", one.key, kForm));
      continue;
    }
    Draft draft{environment};
    draft.secret.name = one.key;
    draft.secret.location = one.key_place.location();
    reader.mapping(one.value, fmt::format("secret `{}`", one.key), kKeys, draft);
    if (draft.sources != 1) {
      reader.error(one.key_place,
                   fmt::format("secret `{}` must have one of `file`, `env` and `value`", one.key));
    }
    // Also one with a mistake counts as named: who refers to it has made none.
    secrets.push_back(std::move(draft.secret));
  }
}

}  // namespace unity::host
