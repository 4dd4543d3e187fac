/*
 * explained: the seeds of tests/fuzz/corpus/ that libhttp-parser and we frame differently, and why.
 *
 * Nearly always we refuse what they accept: a message that is refused has no framing that anybody
 * could disagree about. The other way round there is only what the RFC demands to be accepted.
 */
#ifndef EXPLAINED_H
#define EXPLAINED_H

#include <stdbool.h>
#include <stddef.h>

enum { EXPLAINED_SEEDS = 12 };

struct explanation {
    const char *section;                /* of RFC 9112, unless it says another */
    const char *theirs;                 /* what theirs does */
    const char *ours;                   /* what ours does */
    const char *seeds[EXPLAINED_SEEDS]; /* as "parser/simple-get"; NULL behind the last */
    /* Where ours accepts: whether this is the reason for other inputs, too. */
    bool (*covers)(const char *bytes, size_t length);
};

extern const struct explanation explanations[];
extern const size_t explanation_count;

/* The one that names the seed, or NULL. */
const struct explanation *explanation_of_seed(const char *name);

/* One that covers the bytes, or NULL. */
const struct explanation *explanation_that_covers(const char *bytes, size_t length);

#endif
