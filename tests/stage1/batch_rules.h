/*
 * batch_rules: what a channel may do to itself and to others inside a batch, over any dispatcher.
 *
 * Two descriptors are ready in one batch; which of them comes first is the dispatcher's business,
 * so each rule is tried both ways at once: whoever comes first acts, and the other must not hear of
 * it.
 */
#ifndef BATCH_RULES_H
#define BATCH_RULES_H

#include "event_dispatcher.h"

#include <check.h>

/* Adds a TCase that runs each rule over each of `count` dispatchers. Borrows the list. */
void batch_rules_add(Suite *suite, const struct event_dispatcher *const *dispatchers, int count);

#endif
