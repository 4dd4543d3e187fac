/*
 * variants: every wakeup with every dispatcher, and the test cases that run over all of them.
 */
#ifndef VARIANTS_H
#define VARIANTS_H

#include "reactor.h"

#include <check.h>

struct variant {
    const struct event_dispatcher *dispatcher;
    const struct wakeup *wakeup;
};

/* `index` is the _i of a test that was added by add_case_for_each_variant. */
struct variant variant_at(int index);

/* A reactor that echoes. */
struct reactor_config variant_reactor_config(struct variant variant);

/* Adds one TCase: a behaviour, and the tests that describe it. */
#define add_case(suite, behaviour, ...)                                                            \
    add_case_of(suite, behaviour, (const TTest *const[]){__VA_ARGS__, NULL})

/* Adds one TCase for each variant, "BEHAVIOUR (epoll, socketpair)", so that a failure names it. */
#define add_case_for_each_variant(suite, behaviour, ...)                                           \
    add_case_for_each_variant_of(suite, behaviour, (const TTest *const[]){__VA_ARGS__, NULL})

/* The same for each wakeup, where the dispatcher makes no difference. */
#define add_case_for_each_wakeup(suite, behaviour, ...)                                            \
    add_case_for_each_wakeup_of(suite, behaviour, (const TTest *const[]){__VA_ARGS__, NULL})

void add_case_of(Suite *suite, const char *behaviour, const TTest *const *tests);
void add_case_for_each_variant_of(Suite *suite, const char *behaviour, const TTest *const *tests);
void add_case_for_each_wakeup_of(Suite *suite, const char *behaviour, const TTest *const *tests);

#endif
