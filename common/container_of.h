/*
 * container_of: from a pointer to an embedded member back to the struct that holds it.
 *
 * A channel, a deferred or a task is embedded in its owner; the callback receives the embedded part
 * and finds the owner with this. Unlike a `void *` context it cannot be cast to the wrong type
 * without the compiler noticing that the member does not exist.
 */
#ifndef CONTAINER_OF_H
#define CONTAINER_OF_H

#include <stddef.h>

/* clang-format off */
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
/* clang-format on */

#endif
