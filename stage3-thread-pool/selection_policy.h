/*
 * selection_policy: which loop gets the next connection?
 *
 * A constant table, so that a better one can be written as an exercise and chosen by name:
 * `--policy=NAME`. Round-robin, starting at loop 0, is the one that ships.
 */
#ifndef SELECTION_POLICY_H
#define SELECTION_POLICY_H

#include "named_choices.h"
#include "server_extensions.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One for each loop. The count is raised by the acceptor in the moment of the choice, so that a
 * burst is spread before the loops have even woken up, and lowered by whoever closes the
 * descriptor. Each on a cache line of its own: loops that close must not slow each other down.
 */
struct loop_load {
    _Alignas(64) atomic_size_t connections;
};

/* Thread: any. A recent value; it may have changed by the time you look at it. */
static inline size_t loop_load_connections(const struct loop_load *load)
{
    return atomic_load_explicit(&load->connections, memory_order_relaxed);
}

/* Memory of a policy's own from call to call, one for each pool; all zero at the start. */
struct selection_state {
    uint64_t words[4];
};

struct selection_policy {
    const char *name;
    /*
     * Thread: acceptor. Returns the index of a loop, 0 to count - 1; `count` is at least 1.
     * loads[i] is the load of loop i, without the connection that is being placed.
     */
    size_t (*select)(const struct loop_load *loads, size_t count, struct selection_state *state);
};

extern const struct selection_policy round_robin_policy;

/* The index of the default, round-robin, in every list that policies_list makes. */
enum { POLICIES_DEFAULT = 0 };

/*
 * The built-in one, then those of `extensions` (may be NULL). Returns 0 or -errno
 * (named_choices_add).
 */
int policies_list(const struct server_extensions *extensions, struct named_choices *ret_choices);

#endif
