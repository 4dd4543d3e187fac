/* poll_dispatcher: the event_dispatcher on poll(2). Simple and portable; each wait costs O(n). */
#ifndef POLL_DISPATCHER_H
#define POLL_DISPATCHER_H

#include "event_dispatcher.h"

extern const struct event_dispatcher poll_dispatcher;

#endif
