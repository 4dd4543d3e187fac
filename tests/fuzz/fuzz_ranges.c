/*
 * The value of a Range field: every range that http_ranges_parse finds lies in the file, there are
 * not too many, and for files of any length its verdict is that of range_model.
 */
#include "fuzz.h"
#include "http_ranges.h"
#include "range_model.h"

#include <stdlib.h>

static void check_ranges(const struct http_ranges *ranges, uint64_t length)
{
    unsigned __int128 total = 0;

    fuzz_require(ranges->count >= 1 && ranges->count <= HTTP_RANGES_MAX, "%zu ranges",
                 ranges->count);
    for (size_t i = 0; i < ranges->count; i++) {
        const struct http_byte_range *range = &ranges->items[i];
        fuzz_require(range->length > 0 && range->offset < length &&
                         range->length <= length - range->offset,
                     "%llu bytes at %llu, of %llu", (unsigned long long)range->length,
                     (unsigned long long)range->offset, (unsigned long long)length);
        total += range->length;
    }
    fuzz_require(total <= length, "more bytes than the file has");
}

static void check_same(const struct http_ranges *ranges, const struct range_verdict *model)
{
    fuzz_require(ranges->count == model->count, "%zu ranges; by the model %zu", ranges->count,
                 model->count);
    for (size_t i = 0; i < model->count; i++) {
        fuzz_require(ranges->items[i].offset == model->first[i] &&
                         ranges->items[i].length - 1 == model->last[i] - model->first[i],
                     "range %zu is another one by the model", i);
    }
}

static void try_length(struct http_span value, uint64_t length)
{
    static const enum http_ranges_result results[] = {
        [RANGE_MODEL_WHOLE] = HTTP_RANGES_WHOLE,
        [RANGE_MODEL_PARTIAL] = HTTP_RANGES_PARTIAL,
        [RANGE_MODEL_UNSATISFIABLE] = HTTP_RANGES_UNSATISFIABLE,
    };
    struct http_ranges ranges;
    struct range_verdict model = range_model_read(value.data, value.length, length);

    enum http_ranges_result result = http_ranges_parse(value, length, &ranges);
    fuzz_require(result == results[model.result], "of %llu bytes: result %d; by the model %d",
                 (unsigned long long)length, result, results[model.result]);
    if (result == HTTP_RANGES_PARTIAL) {
        check_ranges(&ranges, length);
        check_same(&ranges, &model);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const uint64_t lengths[] = {0, 1, 10, 1000, UINT32_MAX, INT64_MAX, UINT64_MAX};
    char *copy = fuzz_copy(bytes, length);
    /* As a field's value it has no white space around it. */
    struct http_span value = http_span_trim((struct http_span){copy, length});

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        try_length(value, lengths[i]);
    }
    free(copy);
    return 0;
}
