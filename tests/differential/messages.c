#include "messages.h"

#include "corpus.h"
#include "fuzz.h"
#include "mutator.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct kind {
    const char *name;
    const char *before;
    const char *behind;
    struct corpus corpus;
} kinds[] = {
    {.name = "parser", .before = "", .behind = ""},
    {.name = "body",
     .before = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
     .behind = ""},
    {.name = "target", .before = "GET ", .behind = " HTTP/1.1\r\nHost: x\r\n\r\n"},
};

enum { KINDS = sizeof kinds / sizeof kinds[0], ROOM_FOR_REST = 100 };

void messages_read(const char *folder, const char *dictionary)
{
    char path[PATH_MAX];

    mutator_read_dictionary(dictionary);
    for (int i = 0; i < KINDS; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, kinds[i].name);
        kinds[i].corpus = corpus_read(path);
    }
}

size_t messages_count(void)
{
    size_t count = 0;

    for (int i = 0; i < KINDS; i++) {
        count += kinds[i].corpus.count;
    }
    return count;
}

/* The kind of the message at this place; *ret_seed is its place in that kind's corpus. */
static const struct kind *find(size_t place, size_t *ret_seed)
{
    const struct kind *kind = kinds;

    while (place >= kind->corpus.count) {
        place -= kind->corpus.count;
        kind++;
    }
    *ret_seed = place;
    return kind;
}

const char *messages_name(size_t place)
{
    static char name[NAME_MAX];
    size_t seed;
    const struct kind *kind = find(place, &seed);

    snprintf(name, sizeof name, "%s/%s", kind->name,
             strrchr(kind->corpus.seeds[seed].path, '/') + 1);
    return name;
}

size_t messages_make(size_t place, unsigned mutant, const char **ret_bytes)
{
    static char bytes[MUTANT_MOST + ROOM_FOR_REST];
    struct random_numbers numbers = random_numbers_from(((uint64_t)place << 32) + mutant);
    size_t at;
    const struct kind *kind = find(place, &at);
    const struct seed *seed = &kind->corpus.seeds[at];
    const struct seed *other = &kind->corpus.seeds[random_below(&numbers, kind->corpus.count)];
    char *end = stpcpy(bytes, kind->before);

    if (mutant > 0) {
        end += mutator_mutate(seed, other, &numbers, end);
    } else {
        fuzz_require(seed->length <= MUTANT_MOST, "%s is too long", seed->path);
        end = mempcpy(end, seed->bytes, seed->length);
    }
    end = stpcpy(end, kind->behind);
    *ret_bytes = bytes;
    return (size_t)(end - bytes);
}
