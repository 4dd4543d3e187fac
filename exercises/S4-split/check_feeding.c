/* linked-with: tests/stage4/escaped.c */
#include "check_feeding.h"

#include "escaped.h"
#include "grader.h"

#include <stdbool.h>
#include <string.h>

const char LINE_THREE[] =
    "LINE_PARTIAL: everything was right so far, more must come; LINE_COMPLETE: with the LF; "
    "LINE_BAD: with the first byte that breaks the grammar, whatever comes behind it (contract, 3)";
const char LINE_SPLIT[] = "any split of the same bytes gives the same result (contract, 5)";
static const char USED[] =
    "*ret_used: all bytes if partial; up to the LF if complete; those before the bad one if bad "
    "(contract, 4)";
static const char GONE[] = "only the bytes of this piece are there, and no other (contract, 5)";

static const char *const progress_names[] = {"LINE_PARTIAL", "LINE_COMPLETE", "LINE_BAD"};

const char *name_of(enum line_progress progress)
{
    return (unsigned)progress <= LINE_BAD ? progress_names[progress] : "something else";
}

struct request_line *fresh_line(void)
{
    static struct request_line line;

    memset(&line, 0, sizeof line);
    return &line;
}

/* One piece, at an unreadable page. */
struct outcome feed(struct request_line *line, const char *piece, size_t length,
                    enum guarded_side side)
{
    size_t used = (size_t)-1;
    const char *place = guarded_copy(piece, length, side, GONE);
    enum line_progress progress = request_line_feed(line, place, length, &used);

    grader_expect((unsigned)progress <= LINE_BAD, LINE_THREE,
                  "the piece '%s': expected a result, got %d", escaped(piece, length),
                  (int)progress);
    bool fits = progress == LINE_PARTIAL    ? used == length
                : progress == LINE_COMPLETE ? used > 0 && used <= length
                                            : used < length;
    grader_expect(fits, USED, "the piece '%s', %zu bytes: the result %s does not go with %zu used",
                  escaped(piece, length), length, name_of(progress), used);
    return (struct outcome){progress, used};
}

struct outcome feed_cut(struct request_line *line, const char *bytes, size_t length,
                        struct cuts cuts, enum guarded_side side)
{
    const size_t ends[] = {cuts.first, cuts.second, length};
    struct outcome outcome = {LINE_PARTIAL, 0};
    size_t from = 0;

    for (int i = 0; i < 3 && outcome.progress == LINE_PARTIAL; i++) {
        struct outcome one = feed(line, bytes + from, ends[i] - from, side);
        outcome = (struct outcome){one.progress, outcome.used + one.used};
        from = ends[i];
    }
    return outcome;
}

/* `rule` says why the outcome has to be the expected one. */
void expect_outcome(const struct line_case *expected, struct outcome outcome, const char *rule)
{
    const char *text = escaped(expected->bytes, strlen(expected->bytes));

    grader_expect(outcome.progress == expected->progress, rule, "'%s': expected %s, got %s", text,
                  name_of(expected->progress), name_of(outcome.progress));
    grader_expect(outcome.used == expected->used, rule == LINE_SPLIT ? rule : USED,
                  "'%s': expected %s after %zu bytes, got it after %zu", text,
                  name_of(expected->progress), expected->used, outcome.used);
}

void expect_line(const struct line_case *expected, const struct request_line *line,
                 const char *rule)
{
    size_t length = expected->used - 2;

    if (expected->progress != LINE_COMPLETE) {
        return;
    }
    bool is_text = line->length == length && memcmp(line->text, expected->bytes, length) == 0;
    grader_expect(is_text, rule, "expected the text '%s', got '%s'",
                  escaped(expected->bytes, length),
                  escaped(line->text, line->length < length + 8 ? line->length : length + 8));
    grader_expect(line->method_length == expected->method_length, rule,
                  "'%s': expected a method of %zu bytes, got %zu", escaped(expected->bytes, length),
                  expected->method_length, line->method_length);
    grader_expect(line->target_length == expected->target_length, rule,
                  "'%s': expected a target of %zu bytes, got %zu", escaped(expected->bytes, length),
                  expected->target_length, line->target_length);
    grader_expect(line->minor_version == expected->minor_version, rule,
                  "'%s': expected the minor version %u, got %u", escaped(expected->bytes, length),
                  expected->minor_version, line->minor_version);
}
