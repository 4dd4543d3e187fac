/*
 * conformance_fixture: one dispatcher, its state, and questions about what it reports.
 *
 * Shared by the files of dispatcher_conformance. begin and end bracket every case.
 */
#ifndef CONFORMANCE_FIXTURE_H
#define CONFORMANCE_FIXTURE_H

#include "event_dispatcher.h"

#include <check.h>

enum { REPORT_CAPACITY = 2048, PATIENCE_MS = 10000 };

/* What one wait reported. */
struct report {
    int count;
    struct ready_event events[REPORT_CAPACITY];
};

extern const struct event_dispatcher *tested;
extern void *tested_state;

/* Chooses the dispatcher of this number out of conformance_use's list and makes a state. */
void conformance_use(const struct event_dispatcher *const *dispatchers);
void begin(int number);
void end(void);

/* Each must succeed; `forget` takes the way that the loop takes when there is no forget. */
void add(int fd, unsigned events);
void update(int fd, unsigned events);
void take_out(int fd);
void forget(int fd);

/*
 * Waits once. Fails if there are more events than `capacity`, if one is neither READ nor WRITE, or
 * if a descriptor comes twice.
 */
void wait_once(int timeout_ms, int capacity, struct report *ret_report);

/* What one wait of at most `timeout_ms` says about `fd`: its events, or 0. */
unsigned events_of(int fd, int timeout_ms);

/* Waits, if need be, until `fd` is reported with all of these events, and with nothing but these.
 */
void assert_ready(int fd, unsigned events);

/* As assert_ready, for trouble: further events may come along. */
void assert_woken(int fd, unsigned events);

/* Nothing at all is ready now. */
void assert_silent(const char *when);

/* Adds a TCase that runs each of `tests`, ended by NULL, over each of `count` dispatchers. */
void conformance_add_case(Suite *suite, const char *name, const TTest *const *tests, int count);

/* The cases that are in files of their own. */
void conformance_waiting_add(Suite *suite, int count);
void conformance_many_add(Suite *suite, int count);

#endif
