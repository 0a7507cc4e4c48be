/* Reads options of every kind, also what looks odd in JSON. */
#include "../src/options.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;
#define EXPECT(what) \
  if (!(what)) ++failures, fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what)

static unity_str json(const char* text) {
  const unity_str all = {text, strlen(text)};
  return all;
}

/* The option t of this JSON; NULL if it is refused. */
static const char* text_of(const char* options) {
  static char text[16];
  return option_text(json(options), "t", text, sizeof text) ? text : NULL;
}

static int is(const char* text, const char* expected) {
  return text != NULL && strcmp(text, expected) == 0;
}

static void texts_are_utf8(void) {
  EXPECT(is(text_of("{\"t\":\"plain\"}"), "plain"));
  EXPECT(is(text_of("{ \"s\" : \"}\\\"{\", \"t\" : \"behind\" }"), "behind"));
  EXPECT(is(text_of("{\"t\":\"\\\"\\\\\\/\\n\\t\"}"), "\"\\/\n\t"));
  EXPECT(is(text_of("{\"t\":\"caf\\u00e9\"}"), "caf\xC3\xA9"));
  EXPECT(is(text_of("{\"t\":\"\\u0041\\u20AC\"}"), "A\xE2\x82\xAC"));
  EXPECT(is(text_of("{\"t\":\"\\ud83d\\uDE00!\"}"), "\xF0\x9F\x98\x80!"));
}

static void what_is_no_text_is_refused(void) {
  EXPECT(text_of("{}") == NULL);
  EXPECT(text_of("{\"t\":5}") == NULL);
  EXPECT(text_of("{\"t\":\"a\\u0000b\"}") == NULL);
  EXPECT(text_of("{\"t\":\"\\ud83d\"}") == NULL);
  EXPECT(text_of("{\"t\":\"\\ud83d\\u0041\"}") == NULL);
  EXPECT(text_of("{\"t\":\"\\ude00\"}") == NULL);
  EXPECT(text_of("{\"t\":\"\\u00g0\"}") == NULL);
  EXPECT(text_of("{\"t\":\"\\u00") == NULL);
}

static void texts_that_do_not_fit_are_refused(void) {
  EXPECT(is(text_of("{\"t\":\"123456789012345\"}"), "123456789012345"));
  EXPECT(text_of("{\"t\":\"1234567890123456\"}") == NULL);
  EXPECT(text_of("{\"t\":\"12345678901234\\u00e9\"}") == NULL);
}

static void numbers_and_flags(void) {
  const unity_str all = json("{\"i\":-42,\"d\":2.5e3 ,\"yes\":true,\"no\":false,\"n\":null}");
  EXPECT(option_integer(all, "i", 7) == -42);
  EXPECT(option_integer(all, "none", 7) == 7);
  EXPECT(option_integer(all, "n", 7) == 7);
  EXPECT(option_number(all, "d", 0) == 2500);
  EXPECT(option_number(all, "i", 0) == -42);
  EXPECT(option_number(all, "none", 0.5) == 0.5);
  EXPECT(option_boolean(all, "yes", false));
  EXPECT(!option_boolean(all, "no", true));
  EXPECT(option_boolean(all, "none", true));
}

static void lists_of_texts(void) {
  char text[16];
  const unity_str all = json("{\"l\":[ \"a,b\" , \"]\", \"\\u00e9\" ],\"e\":[],\"t\":\"no\"}");
  EXPECT(option_list_size(all, "l") == 3);
  EXPECT(option_list_text(all, "l", 0, text, sizeof text) && is(text, "a,b"));
  EXPECT(option_list_text(all, "l", 1, text, sizeof text) && is(text, "]"));
  EXPECT(option_list_text(all, "l", 2, text, sizeof text) && is(text, "\xC3\xA9"));
  EXPECT(!option_list_text(all, "l", 3, text, sizeof text));
  EXPECT(option_list_size(all, "e") == 0);
  EXPECT(option_list_size(all, "t") == 0);
  EXPECT(option_list_size(all, "none") == 0);
}

int main(void) {
  texts_are_utf8();
  what_is_no_text_is_refused();
  texts_that_do_not_fit_are_refused();
  numbers_and_flags();
  lists_of_texts();
  return failures == 0 ? 0 : 1;
}
