/* dispatchers: all dispatchers by name, those of the extensions included. */
#ifndef DISPATCHERS_H
#define DISPATCHERS_H

#include "event_dispatcher.h"
#include "named_choices.h"
#include "server_extensions.h"

/* The index of the default, epoll, in every list that dispatchers_list makes. */
enum { DISPATCHERS_DEFAULT = 0 };

/*
 * Lists the built-in ones and then those of `extensions` (may be NULL). Returns 0 or -errno, see
 * named_choices.
 */
int dispatchers_list(const struct server_extensions *extensions, struct named_choices *ret_choices);

#endif
