#include "options.h"

#include <stdlib.h>
#include <string.h>

/* Behind the string that begins at `at`. */
static const char* skip_string(const char* at, const char* end) {
  for (++at; at < end && *at != '"'; ++at) {
    if (*at == '\\') ++at;
  }
  return at < end ? at + 1 : end;
}

/* Behind the value that begins at `at`. */
static const char* skip_value(const char* at, const char* end) {
  int depth = 0;
  while (at < end) {
    if (*at == '"') {
      at = skip_string(at, end);
      continue;
    }
    if (*at == '{' || *at == '[') ++depth;
    if (*at == '}' || *at == ']') --depth;
    if (depth < 0 || (depth == 0 && *at == ',')) break;
    ++at;
  }
  return at;
}

static const char* skip_space(const char* at, const char* end) {
  while (at < end && strchr(" \t\r\n", *at) != NULL) ++at;
  return at;
}

/* The value of a member of the object; NULL if there is none. `*value_end` is behind it. */
static const char* find_member(unity_str json, const char* name, const char** value_end) {
  const char* end = json.ptr + json.len;
  const char* at = skip_space(json.ptr, end);
  const size_t length = strlen(name);
  while (at < end && *at != '}') {
    const char* key = skip_space(at + 1, end); /* behind '{' or ',' */
    if (key >= end || *key != '"') return NULL;
    const char* key_end = skip_string(key, end);
    const char* value = skip_space(key_end, end);
    value = skip_space(value < end ? value + 1 : end, end); /* behind ':' */
    *value_end = skip_value(value, end);
    if ((size_t)(key_end - key) == length + 2 && memcmp(key + 1, name, length) == 0) return value;
    at = *value_end;
  }
  return NULL;
}

int option_text(unity_str json, const char* name, char* out, size_t size) {
  const char* end;
  const char* at = find_member(json, name, &end);
  size_t used = 0;
  if (at == NULL || *at != '"') return 0;
  for (++at; at < end && *at != '"'; ++at) {
    if (*at == '\\') ++at; /* quotes, backslashes and slashes: enough for paths and names */
    if (used + 1 >= size) return 0;
    out[used++] = *at;
  }
  out[used] = '\0';
  return 1;
}

long long option_integer(unity_str json, const char* name, long long otherwise) {
  char digits[24];
  const char* end;
  const char* at = find_member(json, name, &end);
  size_t used = 0;
  if (at == NULL) return otherwise;
  while (at < end && used + 1 < sizeof digits) digits[used++] = *at++;
  digits[used] = '\0';
  return strtoll(digits, NULL, 10);
}
