#include "framing.h"

#include "escaped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS = 4, LONGEST = 1300 };

bool framing_same(const struct framing *a, const struct framing *b)
{
    if (a->verdict != b->verdict || a->verdict != FRAMING_COMPLETE) {
        return a->verdict == b->verdict;
    }
    return a->end == b->end && a->body_length == b->body_length &&
           (a->body_length == 0 || memcmp(a->body, b->body, a->body_length) == 0);
}

void framing_release(struct framing *framing)
{
    free(framing->body);
    framing->body = NULL;
}

const char *framing_text(const struct framing *framing)
{
    static char texts[TEXTS][LONGEST];
    static unsigned turn;
    char *text = texts[turn++ % TEXTS];

    switch (framing->verdict) {
    case FRAMING_PARTIAL:
        return "partial";
    case FRAMING_REFUSED:
        return "refused";
    case FRAMING_COMPLETE:
        snprintf(text, LONGEST, "%zu bytes, body of %zu: %s", framing->end, framing->body_length,
                 escaped(framing->body, framing->body_length));
    }
    return text;
}
