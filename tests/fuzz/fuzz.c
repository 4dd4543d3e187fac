#include "fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_require(bool holds, const char *format, ...)
{
    va_list arguments;

    if (holds) {
        return;
    }
    va_start(arguments, format);
    fputs("broken rule: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}

char *fuzz_copy(const void *bytes, size_t length)
{
    char *copy = malloc(length);

    fuzz_require(copy != NULL || length == 0, "no memory for %zu bytes of input", length);
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    return copy;
}

/* FNV-1a. */
struct random_numbers fuzz_numbers(const void *bytes, size_t length)
{
    const unsigned char *next = bytes;
    uint64_t hash = 0xcbf29ce484222325U;

    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ next[i]) * 0x100000001b3U;
    }
    return random_numbers_from(hash);
}

size_t fuzz_piece(struct random_numbers *numbers, size_t left)
{
    static const size_t sizes[] = {1, 2, 3, 8, 64, SIZE_MAX};
    size_t most = sizes[random_below(numbers, sizeof sizes / sizeof sizes[0])];

    return 1 + random_below(numbers, most < left ? most : left);
}
