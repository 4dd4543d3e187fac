/* json_check: whether a text is JSON (RFC 8259), and what it has under a name. */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* One value and white space around it, and nothing else. Nesting is bounded. */
bool json_is_valid(const char *text, size_t length);

/* How often a member of that name is in the text, at any depth. */
size_t json_members(const char *text, const char *name);

#endif
