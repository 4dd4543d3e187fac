/*
 * load_tally: what a load generator has counted, and how it says so.
 *
 * Every request that is sent is counted once: as answered, or under the fault that lost it.
 */
#ifndef LOAD_TALLY_H
#define LOAD_TALLY_H

#include "latency_histogram.h"

#include <stdbool.h>
#include <stdio.h>

enum load_fault {
    LOAD_FAULT_CLOSED,
    LOAD_FAULT_STATUS,
    LOAD_FAULT_GARBAGE,
    LOAD_FAULT_CHUNKED,
    LOAD_FAULT_NO_LENGTH,
    LOAD_FAULT_SILENT,
    LOAD_FAULT_NO_PORT,
    LOAD_FAULT_NO_CONNECTION,
    LOAD_FAULTS,
};

struct load_tally {
    uint64_t requests; /* answered as they should be */
    uint64_t faults[LOAD_FAULTS];
    struct latency_histogram latency; /* of those, in ns */
};

void load_tally_answered(struct load_tally *tally, uint64_t latency_ns);
void load_tally_failed(struct load_tally *tally, enum load_fault fault, uint64_t count);

uint64_t load_tally_errors(const struct load_tally *tally);

/* `"latency_ns":{…}`, as it stands in the JSON. */
void load_tally_print_latency(const struct load_tally *tally, FILE *stream);

/* One line that names the faults, if there are any. */
void load_tally_explain(const struct load_tally *tally, FILE *stream);

#endif
