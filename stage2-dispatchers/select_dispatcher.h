/*
 * select_dispatcher: the event_dispatcher on select(2). The oldest of the three: it cannot watch
 * descriptors of FD_SETSIZE (1024) and above, and says -ERANGE when asked to.
 */
#ifndef SELECT_DISPATCHER_H
#define SELECT_DISPATCHER_H

#include "event_dispatcher.h"

extern const struct event_dispatcher select_dispatcher;

#endif
