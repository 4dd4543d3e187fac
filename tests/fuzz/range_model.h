/*
 * range_model: RFC 9110, 14, read rule by rule, with numbers so wide that nothing can overflow, and
 * with the limits that http_ranges.h sets.
 */
#ifndef RANGE_MODEL_H
#define RANGE_MODEL_H

#include <stddef.h>
#include <stdint.h>

enum { RANGE_MODEL_MOST = 16 };

struct range_verdict {
    enum { RANGE_MODEL_WHOLE, RANGE_MODEL_PARTIAL, RANGE_MODEL_UNSATISFIABLE } result;
    size_t count;
    uint64_t first[RANGE_MODEL_MOST]; /* both are in the range */
    uint64_t last[RANGE_MODEL_MOST];
};

struct range_verdict range_model_read(const char *value, size_t value_length, uint64_t file_length);

#endif
