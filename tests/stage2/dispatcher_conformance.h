/*
 * dispatcher_conformance: does an event_dispatcher keep the promises of event_dispatcher.h?
 *
 * Every case runs over every dispatcher of a list, and a failure names the dispatcher. Nothing in
 * here knows poll, select or epoll: a learner's own dispatcher is judged by the same cases. Where
 * the contract leaves a choice (a descriptor of FD_SETSIZE and above may be refused with -ERANGE)
 * both are accepted.
 */
#ifndef DISPATCHER_CONFORMANCE_H
#define DISPATCHER_CONFORMANCE_H

#include "event_dispatcher.h"

#include <check.h>

/* Adds the cases to the suite. Borrows the list of `count` dispatchers until the suite has run. */
void dispatcher_conformance_add(Suite *suite, const struct event_dispatcher *const *dispatchers,
                                int count);

#endif
