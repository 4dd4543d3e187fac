/* run-under: thread */
/* The grader of S4-bad-request. */
#include "check_judging.h"

#include "escaped.h"
#include "grader.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const char THREADS[] = "any thread may call it, also at the same time (contract, thread)";
static const char GOOD[] =
    "a good request for /hello is 200, and the connection goes on (contract, 4)";
static const char IN_STEP[] = "501, 405 and 404, in this order: the end of the head is certain, so "
                              "the connection goes on behind "
                              "it (contract, 4)";
static const char WAIT[] = "status 0, nothing used, no close: the head is not complete, and "
                           "nothing was wrong (contract, 1)";
static const char GRAMMAR[] = "what breaks the grammar is 400, and closes (contract, 2 and 3)";
static const char AT_ONCE[] =
    "a control byte, a CR without LF, a LF without CR: 400 as soon as it is there (contract, 3)";
static const char LIMITS[] = "over 1,000 bytes of request line 414; over 50 fields or 8,000 bytes "
                             "of head 431; also if the end "
                             "never comes (contract, 3)";
static const char BODY[] =
    "Content-Length and Transfer-Encoding, whatever the value: 413 (contract, 3)";
static const char VERSION[] =
    "HTTP/1.x with any x is spoken here; another first digit is 505 (contract, 3)";
static const char FIRST[] =
    "what makes the end uncertain comes before what is merely not wanted (contract, 4)";
static const char ALIVE[] = "any bytes get a verdict that makes sense (contract, 3, 4 and 5)";

#define HEAD(line) line "\r\nHost: a\r\n\r\n"

enum { MOST_TEXT = 512 };

START_TEST(a_good_request_is_200)
{
    expect_in_step(HEAD("GET /hello HTTP/1.1"), 200, GOOD);
    expect_in_step(HEAD("HEAD /hello HTTP/1.0"), 200, GOOD);
    expect_in_step(
        "GET /hello HTTP/1.9\r\nA:b\r\nX-~!#$%&'*+.^_`|:\t\xc3\xa9 \"(\r\nHOST: b\r\n\r\n", 200,
        GOOD);
    expect_in_step("GET /hello HTTP/1.1\r\nHost: a\r\nContent-Lengt: 5\r\nX-Host: b\r\n\r\n", 200,
                   GOOD);
    expect_in_step(
        "GET /hello HTTP/1.1\r\nHost: a\r\nHostess: b\r\nHos: c\r\nContent-Length-X: 5\r\n"
        "Transfer-Encoding-X: chunked\r\n\r\n",
        200, GOOD);
}
END_TEST

START_TEST(what_was_understood_keeps_the_connection)
{
    expect_in_step(HEAD("GET / HTTP/1.1"), 404, IN_STEP);
    expect_in_step(HEAD("GET /hello/ HTTP/1.1"), 404, IN_STEP);
    expect_in_step(HEAD("GET /HELLO HTTP/1.1"), 404, IN_STEP);
    expect_in_step("GET / HTTP/1.1\r\nhost:\r\n\r\n", 404, IN_STEP);
    expect_in_step(HEAD("HEAD /hell HTTP/1.1"), 404, IN_STEP);
    expect_in_step(HEAD("GET * HTTP/1.1"), 404, IN_STEP);
    expect_in_step(HEAD("GET \"<{}>\" HTTP/1.1"), 404, IN_STEP);
    expect_in_step(HEAD("POST /hello HTTP/1.1"), 405, IN_STEP);
    expect_in_step(HEAD("DELETE /nothing HTTP/1.1"), 405, IN_STEP);
    expect_in_step(HEAD("PUT / HTTP/1.1"), 405, IN_STEP);
    expect_in_step(HEAD("PATCH / HTTP/1.1"), 405, IN_STEP);
    expect_in_step(HEAD("OPTIONS * HTTP/1.1"), 405, IN_STEP);
    expect_in_step(HEAD("CONNECT a:80 HTTP/1.1"), 405, IN_STEP);
    expect_in_step(HEAD("TRACE / HTTP/1.1"), 405, IN_STEP);
    expect_in_step(HEAD("BREW /hello HTTP/1.1"), 501, IN_STEP);
    expect_in_step(HEAD("get /hello HTTP/1.1"), 501, IN_STEP);
    expect_in_step(HEAD("GETT /nothing HTTP/1.1"), 501, IN_STEP);
    expect_in_step(HEAD("G /hello HTTP/1.1"), 501, IN_STEP);
    expect_in_step(HEAD("BREW-A-LARGE-POT-OF-GREEN-TEA.AND_BRING-IT /hello HTTP/1.1"), 501,
                   IN_STEP);
}
END_TEST

START_TEST(half_a_head_waits)
{
    static const char *const heads[] = {HEAD("GET /hello HTTP/1.1"), HEAD("BREW / HTTP/1.1"),
                                        HEAD("POST /a HTTP/1.1")};

    for (int i = 0; i < 3; i++) {
        for (size_t length = 0; length < strlen(heads[i]); length++) {
            grader_step("a client has sent '%s' so far", escaped(heads[i], length));
            expect_verdict(judge(heads[i], length), (struct verdict){0, 0, false}, WAIT);
        }
    }
}
END_TEST

START_TEST(what_breaks_the_grammar_is_400_and_closes)
{
    static const char *const heads[] = {
        HEAD("GET  /hello HTTP/1.1"),
        HEAD(" GET /hello HTTP/1.1"),
        HEAD("\r\nGET /hello HTTP/1.1"),
        HEAD("GET /hello  HTTP/1.1"),
        HEAD("GET /hello HTTP/1.1 "),
        HEAD("GET /hel lo HTTP/1.1"),
        HEAD("GET\t/hello HTTP/1.1"),
        HEAD("GET /hel\tlo HTTP/1.1"),
        HEAD("GET /\xc3\xa9 HTTP/1.1"),
        HEAD("GET HTTP/1.1"),
        HEAD("GET /hello"),
        HEAD("GET"),
        HEAD(""),
        HEAD("G(T /hello HTTP/1.1"),
        HEAD("GET /hello http/1.1"),
        HEAD("GET /hello HTTP/1"),
        HEAD("GET /hello HTTP/1.10"),
        HEAD("GET /hello HTTP/11"),
        HEAD("GET /hello HTTP/a.1"),
        HEAD("GET /hello HTTP/1,1"),
        "GET /hello HTTP/1.1\r\n\r\n",
        "GET /hello HTTP/1.0\r\nX-Host: a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET /hello HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nA B: c\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\n\xc3\xa9: c\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        expect_close(heads[i], strlen(heads[i]), 400, GRAMMAR);
        char bytes[MOST_TEXT];
        size_t length =
            (size_t)snprintf(bytes, sizeof bytes, "%s%s", heads[i], HEAD("GET /hello HTTP/1.1"));
        expect_close(bytes, length, 400, GRAMMAR);
    }
}
END_TEST

/* Wherever such a byte stands, nobody may wait for the end of that head. */
START_TEST(control_bytes_are_refused_at_once)
{
    static const char head[] = HEAD("GET /hello HTTP/1.1");
    static const char controls[] = "\0\x01\b\v\f\x1b\x1f\x7f";
    char bytes[sizeof head + 1];

    for (size_t at = 0; at + 1 < sizeof head; at++) {
        memcpy(bytes, head, sizeof head);
        for (size_t i = 0; i + 1 < sizeof controls; i++) {
            bytes[at] = controls[i];
            expect_close(bytes, at + 1, 400, AT_ONCE);
            expect_close(bytes, sizeof head - 1, 400, AT_ONCE);
        }
        bytes[at] = '\n';
        if (head[at] != '\n') {
            expect_close(bytes, at + 1, 400, AT_ONCE);
        }
        bytes[at] = '\r';
        bytes[at + 1] = 'x';
        expect_close(bytes, at + 2, 400, AT_ONCE);
    }
    expect_close("GET /hello HTTP/1.1\nHost: a\n\n", 29, 400, AT_ONCE);
    expect_close("\r\r", 2, 400, AT_ONCE);
}
END_TEST

static char large[20000];

/* Returns the length of a head whose request line has so many bytes. */
static size_t make_line(size_t line)
{
    memset(large, 'a', line);
    memcpy(large, "GET /", 5);
    memcpy(large + line - 9, " HTTP/1.1", 9);
    return line + (size_t)sprintf(large + line, "\r\nHost: a\r\n\r\n");
}

START_TEST(a_long_request_line_is_414)
{
    size_t length = make_line(LINE_MOST);

    grader_step("a request line of 1,000 bytes, in pieces: nothing is wrong with it");
    for (size_t part = LINE_MOST - 20; part < length; part++) {
        expect_verdict(judge(large, part), (struct verdict){0, 0, false}, WAIT);
    }
    expect_verdict(judge(large, length), (struct verdict){404, length, false}, LIMITS);
    length = make_line(LINE_MOST + 1);
    grader_step("a request line of 1,001 bytes");
    expect_verdict(judge(large, length), (struct verdict){414, length, true}, LIMITS);
    grader_step("1,001 bytes of a request line that has not ended yet");
    memset(large + 10, 'a', sizeof large - 10);
    expect_verdict(judge(large, LINE_MOST), (struct verdict){0, 0, false}, WAIT);
    expect_verdict(judge(large, LINE_MOST + 1), (struct verdict){414, LINE_MOST + 1, true}, LIMITS);
    expect_verdict(judge(large, sizeof large), (struct verdict){414, sizeof large, true}, LIMITS);
}
END_TEST

/* Returns the length of a head with so many fields, Host included, or without its empty line. */
static size_t make_fields(int fields, const char *end)
{
    size_t length = (size_t)sprintf(large, "GET /hello HTTP/1.1\r\nHost: a\r\n");

    for (int i = 1; i < fields; i++) {
        length += (size_t)sprintf(large + length, "F: %d\r\n", i);
    }
    return length + (size_t)sprintf(large + length, "%s", end);
}

START_TEST(too_many_fields_are_431)
{
    static const int counts[] = {FIELDS_MOST + 1, FIELDS_MOST + 2, 385, 800};
    size_t length = make_fields(FIELDS_MOST, "\r\n");

    grader_step("a head with 50 fields");
    expect_verdict(judge(large, length), (struct verdict){200, length, false}, LIMITS);
    for (int i = 0; i < 4; i++) {
        length = make_fields(counts[i], "\r\n");
        grader_step("a head with %d fields", counts[i]);
        expect_verdict(judge(large, length), (struct verdict){431, length, true}, LIMITS);
    }
}
END_TEST

START_TEST(a_large_head_is_431)
{
    static const char begin[] = "GET /hello HTTP/1.1\r\nHost: a\r\nX: ";
    static const size_t sizes[] = {HEAD_MOST - 1, HEAD_MOST, HEAD_MOST + 1, HEAD_MOST + 2, 16000};

    for (int i = 0; i < 5; i++) {
        size_t length = sizes[i];
        bool is_good = length <= HEAD_MOST;
        memset(large, 'x', sizeof large);
        memcpy(large, begin, sizeof begin - 1);
        memcpy(large + length - 4, "\r\n\r\n", 4);
        grader_step("a head of %zu bytes", length);
        expect_verdict(judge(large, length),
                       (struct verdict){is_good ? 200 : 431, length, !is_good}, LIMITS);
    }
    memset(large + sizeof begin - 1, 'x', sizeof large - sizeof begin + 1);
    grader_step("a field that does not end");
    expect_verdict(judge(large, HEAD_MOST - 2), (struct verdict){0, 0, false}, WAIT);
    expect_verdict(judge(large, HEAD_MOST + 1), (struct verdict){431, HEAD_MOST + 1, true}, LIMITS);
    expect_verdict(judge(large, sizeof large), (struct verdict){431, sizeof large, true}, LIMITS);
}
END_TEST

START_TEST(a_body_and_a_foreign_version_close)
{
    static const char *const bodies[] = {
        "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "GET /hello HTTP/1.1\r\nContent-Length: 0\r\nHost: a\r\n\r\n",
        "GET /hello HTTP/1.1\r\ncontent-length:\r\nHost: a\r\n\r\n",
        "POST /hello HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING: chunked\r\n\r\n0\r\n\r\n",
    };
    static const char *const versions[] = {
        HEAD("GET /hello HTTP/2.0"),
        HEAD("GET /hello HTTP/0.9"),
        HEAD("PRI * HTTP/2.0"),
    };

    for (int i = 0; i < 4; i++) {
        expect_close(bodies[i], strlen(bodies[i]), 413, BODY);
    }
    for (int i = 0; i < 3; i++) {
        expect_close(versions[i], strlen(versions[i]), 505, VERSION);
    }
}
END_TEST

START_TEST(what_is_uncertain_comes_first)
{
    static const struct {
        const char *head;
        int status;
    } cases[] = {
        {"BREW /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", 413},
        {"GET /nothing HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", 400},
        {"POST /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 413},
        {"BREW / HTTP/1.1\r\n\r\n", 400},
        {HEAD("BREW / HTTP/3.0"), 505},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_close(cases[i].head, strlen(cases[i].head), cases[i].status, FIRST);
    }
}
END_TEST

static unsigned next_random(unsigned *state)
{
    *state = *state * 1103515245U + 12345U;
    return *state >> 16;
}

static bool makes_sense(const char *bytes, size_t length, struct verdict verdict)
{
    switch (verdict.status) {
    case 0:
        return verdict.used == 0 && !verdict.close;
    case 200:
    case 404:
    case 405:
    case 501:
        return !verdict.close && verdict.used > 4 && verdict.used <= length &&
               memcmp(bytes + verdict.used - 4, "\r\n\r\n", 4) == 0;
    case 400:
    case 413:
    case 414:
    case 431:
    case 505:
        return verdict.close && verdict.used == length;
    default:
        return false;
    }
}

/* A good head with some of its bytes changed, taken out or doubled, and cut somewhere. */
START_TEST(any_bytes_get_an_answer)
{
    static const char pieces[] = "\r\n\0 :\t\xff/HTGE1.0;\"\x7f";
    static const char head[] = HEAD("GET /hello HTTP/1.1") "GET / HTTP/1.1\r\nHost: b\r\n\r\n";
    unsigned random = 1;

    grader_step("20,000 damaged heads, the same in each run");
    for (int run = 0; run < 20000; run++) {
        char bytes[sizeof head + 16];
        size_t length = sizeof head - 1;
        memcpy(bytes, head, length);
        for (unsigned change = next_random(&random) % 4; change > 0; change--) {
            size_t at = next_random(&random) % length;
            if (next_random(&random) % 2 == 0) {
                bytes[at] = pieces[next_random(&random) % (sizeof pieces - 1)];
            } else {
                memmove(bytes + at, bytes + at + 1, length - at - 1);
                length--;
            }
        }
        length -= next_random(&random) % 3 == 0 ? next_random(&random) % length : 0;
        struct verdict verdict = judge(bytes, length);
        grader_expect(makes_sense(bytes, length, verdict), ALIVE,
                      "'%s': expected a verdict that makes sense, got status %d, %zu of %zu bytes "
                      "used, %s",
                      escaped(bytes, length), verdict.status, verdict.used, length,
                      verdict.close ? "close" : "no close");
    }
}
END_TEST

/* What has to come of it is checked elsewhere; here two threads ask at once, and agree. */
static void *ask(void *argument)
{
    bool *ret_same = argument;
    static const char head[] = HEAD("GET /hello HTTP/1.1");

    for (int i = 0; i < 1000; i++) {
        struct verdict verdict = judge_head(head, sizeof head - 1);
        *ret_same = *ret_same && verdict.status == 200 && verdict.used == sizeof head - 1;
    }
    return NULL;
}

START_TEST(two_threads_may_ask_at_once)
{
    bool same[2] = {true, true};
    pthread_t threads[2];

    grader_step("two threads ask for the same, a thousand times each");
    for (int i = 0; i < 2; i++) {
        int error = pthread_create(&threads[i], NULL, ask, &same[i]);
        ck_assert_msg(error == 0, "the grader has no thread");
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    grader_expect(same[0] && same[1], THREADS,
                  "expected the same answer each time, got another one");
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("heads", NULL, NULL);
    grader_add(a_good_request_is_200);
    grader_add(what_was_understood_keeps_the_connection);
    grader_add(half_a_head_waits);
    grader_add(what_breaks_the_grammar_is_400_and_closes);
    grader_add(control_bytes_are_refused_at_once);
    grader_add(a_long_request_line_is_414);
    grader_add(too_many_fields_are_431);
    grader_add(a_large_head_is_431);
    grader_add(a_body_and_a_foreign_version_close);
    grader_add(what_is_uncertain_comes_first);
    grader_add(any_bytes_get_an_answer);
    grader_add(two_threads_may_ask_at_once);
    return grader_run(argc, argv);
}
