/* linked-with: tests/stage4/escaped.c */
#include "check_judging.h"

#include "escaped.h"
#include "grader.h"
#include "guarded.h"

#include <stdio.h>
#include <string.h>

static const char BOUNDS[] = "only the bytes that are given may be read (contract, 5)";

enum { MOST_TEXT = 512 };

struct verdict judge(const char *bytes, size_t length)
{
    struct verdict verdict = judge_head(guarded_copy(bytes, length, GUARDED_END, BOUNDS), length);
    struct verdict again = judge_head(guarded_copy(bytes, length, GUARDED_START, BOUNDS), length);

    grader_expect(verdict.status == again.status && verdict.used == again.used &&
                      verdict.close == again.close,
                  BOUNDS, "the same bytes got status %d at one place of memory, %d at another",
                  verdict.status, again.status);
    return verdict;
}

void expect_verdict(struct verdict verdict, struct verdict expected, const char *rule)
{
    grader_expect(verdict.status == expected.status, rule, "expected status %d, got %d",
                  expected.status, verdict.status);
    grader_expect(verdict.close == expected.close, rule,
                  "status %d: expected the connection to %s, it does not", expected.status,
                  expected.close ? "be closed" : "go on");
    grader_expect(verdict.used == expected.used, rule,
                  "status %d: expected %zu bytes used, got %zu", expected.status, expected.used,
                  verdict.used);
}

void expect_close(const char *bytes, size_t length, int status, const char *rule)
{
    grader_step("a client sends '%s'", escaped(bytes, length));
    expect_verdict(judge(bytes, length), (struct verdict){status, length, true}, rule);
}

void expect_in_step(const char *head, int status, const char *rule)
{
    static const char *const behind[] = {"", "G", "\n\n", "GET / HTTP/1.1\r\n", "\x16\x03\x01"};
    char bytes[MOST_TEXT];
    size_t length = strlen(head);

    for (int i = 0; i < 5; i++) {
        size_t all = (size_t)snprintf(bytes, sizeof bytes, "%s%s", head, behind[i]);
        grader_step("a client sends '%s'", escaped(bytes, all));
        expect_verdict(judge(bytes, all), (struct verdict){status, length, false}, rule);
    }
}
