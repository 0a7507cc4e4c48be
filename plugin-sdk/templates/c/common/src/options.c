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

/* The four hexadecimal digits at `at`; -1 if they are not. */
static long hex4(const char* at, const char* end) {
  long code = 0;
  if (end - at < 4) return -1;
  for (int i = 0; i < 4; ++i) {
    const char digit = at[i];
    if (digit >= '0' && digit <= '9') {
      code = code * 16 + (digit - '0');
    } else if ((digit | 32) >= 'a' && (digit | 32) <= 'f') {
      code = code * 16 + ((digit | 32) - 'a' + 10);
    } else {
      return -1;
    }
  }
  return code;
}

/* The character of the \uXXXX, or the pair of them, whose digits begin at `*at`, which is left at
 * the last one. -1 if there is none. */
static long escaped(const char** at, const char* end) {
  const long first = hex4(*at, end);
  if (first < 0) return -1;
  *at += 3;
  if (first < 0xD800 || first > 0xDFFF) return first;
  /* Characters beyond 16 bits come in two halves, first the high one. */
  if (first > 0xDBFF || end - *at < 7 || (*at)[1] != '\\' || (*at)[2] != 'u') return -1;
  const long second = hex4(*at + 3, end);
  if (second < 0xDC00 || second > 0xDFFF) return -1;
  *at += 6;
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

/* Writes a character as 1 to 4 bytes; how many. */
static size_t to_utf8(long code, char* out) {
  static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  const size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = size; i-- > 1; code >>= 6) out[i] = (char)(0x80 | (code & 0x3F));
  out[0] = (char)(lead[size] | code);
  return size;
}

/* The string at `at`, as option_text() has it. */
static int copy_string(const char* at, const char* end, char* out, size_t size) {
  static const char names[] = "bfnrt", meanings[] = "\b\f\n\r\t";
  size_t used = 0;
  if (at == NULL || at >= end || *at != '"') return 0;
  for (++at; at < end && *at != '"'; ++at) {
    char bytes[4] = {*at};
    size_t count = 1;
    if (*at == '\\' && ++at < end) {
      const char* name = memchr(names, *at, sizeof names - 1);
      bytes[0] = name != NULL ? meanings[name - names] : *at;
      if (*at == 'u') {
        ++at;
        const long code = escaped(&at, end);
        if (code <= 0) return 0;
        count = to_utf8(code, bytes);
      }
    }
    if (used + count >= size) return 0;
    memcpy(out + used, bytes, count);
    used += count;
  }
  if (size == 0) return 0;
  out[used] = '\0';
  return 1;
}

int option_text(unity_str json, const char* name, char* out, size_t size) {
  const char* end = NULL;
  const char* at = find_member(json, name, &end);
  return copy_string(at, end, out, size);
}

/* Copies a value that is no string. 0 if there is none. */
static int copy_word(unity_str json, const char* name, char* out, size_t size) {
  const char* end = NULL;
  const char* at = find_member(json, name, &end);
  size_t used = 0;
  if (at == NULL) return 0;
  while (at < end && used + 1 < size && strchr(" \t\r\n", *at) == NULL) out[used++] = *at++;
  out[used] = '\0';
  return used > 0 && strcmp(out, "null") != 0;
}

long long option_integer(unity_str json, const char* name, long long otherwise) {
  char digits[32];
  return copy_word(json, name, digits, sizeof digits) ? strtoll(digits, NULL, 10) : otherwise;
}

double option_number(unity_str json, const char* name, double otherwise) {
  char digits[64];
  return copy_word(json, name, digits, sizeof digits) ? strtod(digits, NULL) : otherwise;
}

bool option_boolean(unity_str json, const char* name, bool otherwise) {
  char word[8];
  return copy_word(json, name, word, sizeof word) ? strcmp(word, "true") == 0 : otherwise;
}

/* Steps from '[' or ',' to the value behind it and sets `*value_end`; NULL at the end. */
static const char* next_value(const char* at, const char* end, const char** value_end) {
  if (at >= end || (*at != '[' && *at != ',')) return NULL;
  at = skip_space(at + 1, end);
  if (at >= end || *at == ']') return NULL;
  *value_end = skip_value(at, end);
  return at;
}

/* The value at `index` of a list; NULL behind its end. `*count` is how many were seen. */
static const char* find_value(unity_str json, const char* name, size_t index, size_t* count,
                              const char** value_end) {
  const char* end = NULL;
  const char* at = find_member(json, name, &end);
  *count = 0;
  if (at == NULL || *at != '[') return NULL;
  while ((at = next_value(at, end, value_end)) != NULL) {
    if ((*count)++ == index) return at;
    at = *value_end;
  }
  return NULL;
}

int option_list_text(unity_str json, const char* name, size_t index, char* out, size_t size) {
  size_t count;
  const char* end = NULL;
  const char* at = find_value(json, name, index, &count, &end);
  return copy_string(at, end, out, size);
}

size_t option_list_size(unity_str json, const char* name) {
  size_t count;
  const char* end = NULL;
  find_value(json, name, (size_t)-1, &count, &end);
  return count;
}
