/* linked-with: tests/stage4/escaped.c */
#include "check_message.h"

#include "escaped.h"
#include "grader.h"
#include "guarded.h"

#include <inttypes.h>
#include <string.h>

static const char BOUNDS[] = "nothing but the bytes of name and value may be read (contract, 7)";

enum { MOST_LINES = 40, MOST_HEAD = 4096 };

static const char *const kind_names[] = {
    "FRAMING_REFUSED", "FRAMING_NONE", "FRAMING_LENGTH", "FRAMING_CHUNKED", "FRAMING_UNTIL_CLOSE",
};

static const char *name_of(enum framing_kind kind)
{
    return (unsigned)kind <= FRAMING_UNTIL_CLOSE ? kind_names[kind] : "something else";
}

/*
 * Puts the line number `at_end` last in guarded memory, so that its value is at the edge; the
 * others are before it. Returns the number of lines.
 */
static size_t lay_out(const char *head, size_t at_end, struct field_line *ret_lines)
{
    const char *starts[MOST_LINES];
    size_t lengths[MOST_LINES];
    char bytes[MOST_HEAD];
    size_t count = 0;
    size_t used = 0;
    size_t length = strlen(head);

    for (const char *at = head; *at != '\0'; at += lengths[count++], at += *at == '|') {
        ck_assert(count < MOST_LINES);
        starts[count] = at;
        lengths[count] = strcspn(at, "|");
    }
    ck_assert(length < MOST_HEAD);
    for (size_t i = 0; i < count; i++) {
        size_t line = (at_end + 1 + i) % count;
        memcpy(bytes + used, starts[line], lengths[line]);
        used += lengths[line];
    }
    const char *place = guarded_copy(bytes, used, GUARDED_END, BOUNDS);
    for (size_t i = 0; i < count; i++) {
        size_t line = (at_end + 1 + i) % count;
        const char *colon = memchr(place, ':', lengths[line]);
        ck_assert(colon != NULL);
        size_t name = (size_t)(colon - place);
        ret_lines[line] = (struct field_line){{place, name}, {colon + 1, lengths[line] - name - 1}};
        place += lengths[line];
    }
    return count;
}

void expect_kind(const struct framing_case *one, struct framing framing)
{
    grader_expect(framing.kind == one->kind, one->rule, "expected %s, got %s", name_of(one->kind),
                  name_of(framing.kind));
    grader_expect(one->kind != FRAMING_LENGTH || framing.length == one->length, one->rule,
                  "expected a length of %" PRIu64 ", got %" PRIu64, one->length, framing.length);
}

void expect_message(const struct framing_case *one, int status, bool answers_head, int minor)
{
    struct field_line lines[MOST_LINES];
    size_t count = 1;

    if (status == 0) {
        grader_step("a request, HTTP/1.%d, with the lines '%s'", minor,
                    escaped(one->head, strlen(one->head)));
    } else {
        grader_step("a response%s, status %d, HTTP/1.%d, with the lines '%s'",
                    answers_head ? " to HEAD" : "", status, minor,
                    escaped(one->head, strlen(one->head)));
    }
    for (size_t at_end = 0; at_end < count; at_end++) {
        count = lay_out(one->head, at_end, lines);
        const struct message message = {status, answers_head, minor, lines, count};
        expect_kind(one, framing_of(&message));
    }
}
