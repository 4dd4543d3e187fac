/* escaped: bytes as text that a failure message can show. */
#ifndef ESCAPED_H
#define ESCAPED_H

#include <stddef.h>

/* As in a C literal: "\r", "\n", "\x00". Long input is cut short. Good for the next three calls. */
const char *escaped(const void *bytes, size_t length);

#endif
