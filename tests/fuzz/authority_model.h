/* authority_model: host [":" port] of RFC 3986, 3.2, without userinfo, by another way than ours. */
#ifndef AUTHORITY_MODEL_H
#define AUTHORITY_MODEL_H

#include <stdbool.h>
#include <stddef.h>

bool authority_model_is_valid(const char *text, size_t length);

#endif
