/* Reads the instance's options: one JSON object that the host has checked against plugin.json. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>

#include "unity/plugin.h"

/* Copies a text option, with a NUL behind it. 0 if there is none or it does not fit. */
int option_text(unity_str json, const char* name, char* out, size_t size);

/* A whole number; `otherwise` if there is none. */
long long option_integer(unity_str json, const char* name, long long otherwise);

#endif
