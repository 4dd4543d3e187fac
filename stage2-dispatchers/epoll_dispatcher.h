/*
 * epoll_dispatcher: the event_dispatcher on epoll(7), level-triggered. The kernel keeps the set, so
 * a wait costs as much as there are ready descriptors, not as there are watched ones.
 */
#ifndef EPOLL_DISPATCHER_H
#define EPOLL_DISPATCHER_H

#include "event_dispatcher.h"

extern const struct event_dispatcher epoll_dispatcher;

#endif
