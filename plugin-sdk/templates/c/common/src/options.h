/* Reads the instance's options: one JSON object that the host has checked against plugin.json. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "unity/plugin.h"

/* Copies a text option as UTF-8, with a NUL behind it. 0 if there is none, it does not fit or has
 * a NUL within. */
int option_text(unity_str json, const char* name, char* out, size_t size);

/* A whole number, a decimal, true or false; `otherwise` if there is none. */
long long option_integer(unity_str json, const char* name, long long otherwise);
double option_number(unity_str json, const char* name, double otherwise);
bool option_boolean(unity_str json, const char* name, bool otherwise);

/* The text at `index`, from 0, of an option that is a list of texts; as option_text(). 0 also
 * behind the end. */
int option_list_text(unity_str json, const char* name, size_t index, char* out, size_t size);
/* How many values the list has; 0 if there is none. */
size_t option_list_size(unity_str json, const char* name);

#endif
