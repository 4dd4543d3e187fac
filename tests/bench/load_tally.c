#include "load_tally.h"

#include <inttypes.h>

static const char *const fault_names[LOAD_FAULTS] = {
    [LOAD_FAULT_CLOSED] = "connection refused or closed before the answer was complete",
    [LOAD_FAULT_STATUS] = "status other than 200",
    [LOAD_FAULT_GARBAGE] = "not the answer that was expected",
    [LOAD_FAULT_CHUNKED] = "chunked answer, which load does not read",
    [LOAD_FAULT_NO_LENGTH] = "answer without Content-Length",
    [LOAD_FAULT_SILENT] = "no answer, or no end of the connection, in time",
    [LOAD_FAULT_NO_PORT] = "no free local port (old connections are in TIME_WAIT)",
    [LOAD_FAULT_NO_CONNECTION] = "no memory or descriptor for a connection",
};

void load_tally_answered(struct load_tally *tally, uint64_t latency_ns)
{
    tally->requests++;
    latency_histogram_add(&tally->latency, latency_ns);
}

void load_tally_failed(struct load_tally *tally, enum load_fault fault, uint64_t count)
{
    tally->faults[fault] += count;
}

uint64_t load_tally_errors(const struct load_tally *tally)
{
    uint64_t errors = 0;

    for (int i = 0; i < LOAD_FAULTS; i++) {
        errors += tally->faults[i];
    }
    return errors;
}

void load_tally_print_latency(const struct load_tally *tally, FILE *stream)
{
    static const struct {
        const char *name;
        unsigned per_mille;
    } shown[] = {{"p50", 500}, {"p90", 900}, {"p99", 990}, {"p99.9", 999}, {"max", 1000}};

    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        fprintf(stream, "%s\"%s\":%" PRIu64, i == 0 ? "\"latency_ns\":{" : ",", shown[i].name,
                latency_histogram_percentile(&tally->latency, shown[i].per_mille));
    }
    fprintf(stream, "}");
}

void load_tally_explain(const struct load_tally *tally, FILE *stream)
{
    const char *separator = "load: errors: ";

    if (load_tally_errors(tally) == 0) {
        return;
    }
    for (int i = 0; i < LOAD_FAULTS; i++) {
        if (tally->faults[i] > 0) {
            fprintf(stream, "%s%" PRIu64 " x %s", separator, tally->faults[i], fault_names[i]);
            separator = "; ";
        }
    }
    fprintf(stream, "\n");
}
