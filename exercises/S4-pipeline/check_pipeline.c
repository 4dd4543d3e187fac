/* linked-with: tests/stage4/escaped.c */
/* The grader of S4-pipeline. */
#include "check_connection.h"

#include "escaped.h"
#include "grader.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char ONCE[] =
    "on_request comes once for each whole request, in their order, with its body (contract, 2)";
static const char ALL[] = "all that is complete is handled in this call (contract, 3)";
static const char BUSY[] =
    "while busy no request is looked at; afterwards it goes on with the next (contract, 5)";
static const char REFUSED[] = "after a bad request, or a chunked one (411), on_refused comes once, "
                              "and all bytes are used and "
                              "forgotten, also those that come later (contract, 6)";
static const char LAST[] =
    "behind a request that ends the connection everything is used and forgotten (contract, 7)";
static const char LINEAR[] = "the bytes of a head are looked at once (contract, 8)";

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST(target, length, body)                                                                 \
    "POST " target " HTTP/1.1\r\nHost: a\r\nContent-Length: " length "\r\n\r\n" body

/* A body that is itself a request, an empty one, and one behind it. */
static const char stream[] = GET("/1") POST("/2", "29", GET("/no")) POST("/3", "0", "") GET("/4")
    POST("/5", "2", "\r\n") GET("/6");
static const char stream_story[] =
    "GET /1; POST /2 'GET /no HTTP/1.1\r\nHost: a\r\n\r\n'; POST /3; "
    "GET /4; POST /5 '\r\n'; GET /6; ";

static void expect_story(const char *expected, const char *rule)
{
    const char *story = connection_story();

    grader_expect(strcmp(story, expected) == 0, rule, "expected '%s', got '%s'",
                  escaped(expected, strlen(expected)), escaped(story, strlen(story)));
}

static void expect_left_over(size_t expected, const char *rule)
{
    grader_expect(connection_left_over() == expected, rule, "expected %zu bytes left over, got %zu",
                  expected, connection_left_over());
}

START_TEST(one_request_is_handled)
{
    static const char *const requests[] = {
        GET("/a"), POST("/b", "5", "hello"),
        "PUT /c HTTP/1.1\r\nContent-Length: 1\r\nHost: a\r\n\r\nx"};
    static const char *const stories[] = {"GET /a; ", "POST /b 'hello'; ", "PUT /c 'x'; "};

    for (int i = 0; i < 3; i++) {
        connection_open();
        grader_step("delivering '%s'", escaped(requests[i], strlen(requests[i])));
        connection_deliver_text(requests[i]);
        expect_story(stories[i], ONCE);
        expect_left_over(0, NOT_USED);
        grader_step("delivering it once more, on the same connection");
        connection_deliver_text(requests[i]);
        expect_left_over(0, NOT_USED);
        char twice[64];
        snprintf(twice, sizeof twice, "%s%s", stories[i], stories[i]);
        expect_story(twice, ONCE);
    }
}
END_TEST

START_TEST(all_requests_of_one_read_are_handled)
{
    static char many[600 * 40];
    static char story[600 * 12];
    size_t length = 0;
    size_t told = 0;

    connection_open();
    grader_step("delivering '%s'", escaped(stream, strlen(stream)));
    connection_deliver_text(stream);
    expect_story(stream_story, ALL);
    expect_left_over(0, NOT_USED);
    for (int i = 0; i < 600; i++) {
        length += (size_t)sprintf(many + length, GET("/%d"), i);
        told += (size_t)sprintf(story + told, "GET /%d; ", i);
    }
    connection_open();
    grader_step("delivering 600 requests in one piece, GET /0 to /599");
    connection_deliver(many, length);
    size_t handled = 0;
    for (const char *at = connection_story(); (at = strchr(at, ';')) != NULL; at++) {
        handled++;
    }
    grader_expect(strcmp(connection_story(), story) == 0, ALL,
                  "expected 600 requests in their order, got %zu", handled);
    expect_left_over(0, NOT_USED);
}
END_TEST

/* One that spins is to be ended soon: two seconds of CPU are a thousand times what is needed. */
static void shorten_patience(void)
{
    const struct rlimit two_seconds = {2, RLIM_INFINITY};

    setrlimit(RLIMIT_CPU, &two_seconds);
}

START_TEST(half_a_request_waits)
{
    static const char request[] = POST("/a", "4", "body");
    size_t length = sizeof request - 1;

    shorten_patience();
    for (size_t half = 0; half < length; half++) {
        connection_open();
        grader_step("delivering '%s'", escaped(request, half));
        connection_deliver(request, half);
        expect_story("", ONCE);
        expect_left_over(half, NOT_USED);
        grader_step("delivering the rest, '%s'", escaped(request + half, length - half));
        connection_deliver(request + half, length - half);
        expect_story("POST /a 'body'; ", ANY_SPLIT);
        expect_left_over(0, NOT_USED);
    }
}
END_TEST

START_TEST(half_a_request_stays_behind_the_whole_ones)
{
    static const char two[] = GET("/1") GET("/2");
    static const char half[] = "POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo";
    char bytes[256];

    connection_open();
    snprintf(bytes, sizeof bytes, "%s%s", two, half);
    grader_step("delivering two requests and a half: '%s'", escaped(bytes, strlen(bytes)));
    size_t used = connection_deliver_text(bytes);
    expect_story("GET /1; GET /2; ", ONCE);
    grader_expect(used == sizeof two - 1, NOT_USED, "expected %zu bytes used, got %zu",
                  sizeof two - 1, used);
    grader_step("delivering 'dy' and a third of the next");
    connection_deliver_text("dyGET /4 HT");
    expect_story("GET /1; GET /2; POST /3 'body'; ", ONCE);
    expect_left_over(9, NOT_USED);
}
END_TEST

START_TEST(any_split_gives_the_same_requests)
{
    size_t length = sizeof stream - 1;

    for (size_t first = 0; first <= length; first++) {
        for (size_t second = first; second <= length; second += 3) {
            connection_open();
            connection_deliver(stream, first);
            connection_deliver(stream + first, second - first);
            connection_deliver(stream + second, length - second);
            if (strcmp(connection_story(), stream_story) != 0) {
                grader_step("delivering the same stream, cut after %zu and after %zu bytes", first,
                            second);
            }
            expect_story(stream_story, ANY_SPLIT);
            expect_left_over(0, NOT_USED);
        }
    }
    connection_open();
    grader_step("delivering it byte by byte");
    for (size_t i = 0; i < length; i++) {
        connection_deliver(stream + i, 1);
    }
    expect_story(stream_story, ANY_SPLIT);
    expect_left_over(0, NOT_USED);
}
END_TEST

START_TEST(nothing_overtakes_a_slow_answer)
{
    connection_open();
    grader_step("delivering GET /1, GET /slow/2, GET /3, GET /slow/4, GET /5 in one piece");
    connection_deliver_text(GET("/1") GET("/slow/2") GET("/3") GET("/slow/4") GET("/5"));
    expect_story("GET /1; GET /slow/2; ", BUSY);
    grader_step("delivering GET /6, while /slow/2 is not answered yet");
    size_t used = connection_deliver_text(GET("/6"));
    expect_story("GET /1; GET /slow/2; ", BUSY);
    grader_expect(used == 0, BUSY, "expected nothing used while busy, got %zu bytes", used);
    grader_step("/slow/2 is answered, and what is left over is given again");
    connection_answered();
    expect_story("GET /1; GET /slow/2; GET /3; GET /slow/4; ", BUSY);
    grader_step("/slow/4 is answered");
    connection_answered();
    expect_story("GET /1; GET /slow/2; GET /3; GET /slow/4; GET /5; GET /6; ", BUSY);
    expect_left_over(0, NOT_USED);
}
END_TEST

START_TEST(half_a_request_waits_behind_a_slow_one)
{
    connection_open();
    grader_step("delivering GET /slow and half of POST /2");
    connection_deliver_text(GET("/slow") "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Le");
    grader_step("delivering the rest but one byte, then the answer, then that byte");
    connection_deliver_text("ngth: 3\r\n\r\nab");
    connection_answered();
    expect_story("GET /slow; ", BUSY);
    connection_deliver_text("c");
    expect_story("GET /slow; POST /2 'abc'; ", BUSY);
    expect_left_over(0, NOT_USED);
}
END_TEST

struct refusal {
    const char *bytes;
    const char *story;
};

static const struct refusal refusals[] = {
    {GET("/1") "GET  /bad HTTP/1.1\r\n\r\n" GET("/2"), "GET /1; refused 400; "},
    {"GET / HTTP/1.1\nHost: a\n\n" GET("/2"), "refused 400; "},
    {GET("/1") "BREW / HTTP/1.1\r\nHost: a\r\n\r\n" GET("/2"), "GET /1; refused 501; "},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" GET("/2"), "refused 413; "},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET("/2"),
     "refused 411; "},
};

START_TEST(nothing_is_parsed_behind_a_bad_request)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const char *bytes = refusals[i].bytes;
        size_t length = strlen(bytes);
        for (size_t cut = 0; cut <= length; cut++) {
            connection_open();
            if (cut == 0) {
                grader_step("delivering '%s'", escaped(bytes, length));
            }
            connection_deliver(bytes, cut);
            connection_deliver(bytes + cut, length - cut);
            expect_story(refusals[i].story, REFUSED);
            expect_left_over(0, REFUSED);
        }
        grader_step("delivering GET /3 behind that");
        connection_deliver_text(GET("/3"));
        expect_story(refusals[i].story, REFUSED);
        expect_left_over(0, REFUSED);
    }
}
END_TEST

START_TEST(a_refusal_waits_for_its_turn)
{
    connection_open();
    grader_step("delivering GET /slow, a bad request, and GET /2");
    connection_deliver_text(GET("/slow") "GET\r\n\r\n" GET("/2"));
    expect_story("GET /slow; ", BUSY);
    grader_step("/slow is answered");
    connection_answered();
    expect_story("GET /slow; refused 400; ", REFUSED);
    expect_left_over(0, REFUSED);
}
END_TEST

START_TEST(nothing_is_parsed_behind_the_last_request)
{
    static const char *const lasts[] = {
        "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /last HTTP/1.0\r\n\r\n",
    };

    for (int i = 0; i < 2; i++) {
        connection_open();
        grader_step("delivering GET /1, '%s', GET /2", escaped(lasts[i], strlen(lasts[i])));
        connection_deliver_text(GET("/1"));
        char bytes[256];
        snprintf(bytes, sizeof bytes, "%s%s", lasts[i], GET("/2"));
        connection_deliver_text(bytes);
        expect_story("GET /1; GET /last; ", LAST);
        expect_left_over(0, LAST);
        grader_step("delivering what is no request");
        connection_deliver_text("\r\n\r\nGET");
        expect_story("GET /1; GET /last; ", LAST);
        expect_left_over(0, LAST);
    }
}
END_TEST

/* Another connection's head comes in between, from its first byte to its last. */
START_TEST(two_connections_have_nothing_in_common)
{
    static const char request[] = POST("/half", "4", "body");
    struct pipeline one;
    struct pipeline *pipeline = connection_open();

    for (size_t cut = 1; cut < sizeof request - 1; cut++) {
        grader_step("%zu bytes of a request come", cut);
        connection_open();
        connection_deliver(request, cut);
        one = *pipeline;
        grader_step("on another connection GET /1 comes, and a bad request");
        connection_open();
        connection_deliver_text(GET("/1") "GET bad\r\n\r\n");
        expect_story("GET /1; refused 400; ", REFUSED);
        grader_step("the rest of the first one's comes");
        connection_open();
        *pipeline = one;
        connection_deliver(request, sizeof request - 1);
        expect_story("POST /half 'body'; ", ANY_SPLIT);
    }
}
END_TEST

static void count_request(struct pipeline *pipeline, const struct http_request *request)
{
    (void)request;
    ++*(size_t *)pipeline->context;
}

/* CPU time for so many requests, each of which grows byte by byte at the same place. */
static double seconds_for(size_t requests, const char *bytes, size_t length)
{
    struct timespec from;
    struct timespec to;
    size_t count = 0;
    struct pipeline *pipeline = connection_open();

    pipeline->on_request = count_request;
    pipeline->context = &count;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (size_t i = 0; i < requests; i++) {
        for (size_t grown = 1; grown <= length; grown++) {
            pipeline_bytes(pipeline, bytes, grown);
        }
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    grader_expect(count == requests, ONCE, "expected %zu requests, got %zu", requests, count);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static size_t make_request(char *bytes, size_t length)
{
    static const char begin[] = "GET /a HTTP/1.1\r\nHost: a\r\nX: ";

    memset(bytes, 'x', length);
    memcpy(bytes, begin, sizeof begin - 1);
    memcpy(bytes + length - 4, "\r\n\r\n", 4);
    return length;
}

/*
 * The same number of bytes as one large head and as many small ones. Who parses from the beginning
 * each time needs for the large one as many times more as it is larger. Of several measurements the
 * fastest is the one that was disturbed least.
 */
START_TEST(a_head_is_not_parsed_again_and_again)
{
    enum { LARGE = 24000, TIMES = 24, ROUNDS = 5, MOST = 4 };
    static char large[LARGE];
    static char small[LARGE / TIMES];
    double fastest_large = 1e9;
    double fastest_small = 1e9;
    size_t large_length = make_request(large, sizeof large);
    size_t small_length = make_request(small, sizeof small);

    grader_step("%d heads of %zu bytes, then one of %zu, each growing byte by byte", TIMES,
                small_length, large_length);
    for (int round = 0; round < ROUNDS; round++) {
        double now = seconds_for(TIMES, small, small_length);
        fastest_small = now < fastest_small ? now : fastest_small;
        now = seconds_for(1, large, large_length);
        fastest_large = now < fastest_large ? now : fastest_large;
    }
    grader_expect(fastest_large < MOST * fastest_small, LINEAR,
                  "expected the one to cost what the %d cost together, it cost %.1f times that",
                  TIMES, fastest_large / fastest_small);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("pipelined requests", NULL, NULL);
    grader_add(one_request_is_handled);
    grader_add(all_requests_of_one_read_are_handled);
    grader_add(half_a_request_waits);
    grader_add(half_a_request_stays_behind_the_whole_ones);
    grader_add(any_split_gives_the_same_requests);
    grader_add(nothing_overtakes_a_slow_answer);
    grader_add(half_a_request_waits_behind_a_slow_one);
    grader_add(nothing_is_parsed_behind_a_bad_request);
    grader_add(a_refusal_waits_for_its_turn);
    grader_add(nothing_is_parsed_behind_the_last_request);
    grader_add(two_connections_have_nothing_in_common);
    grader_add(a_head_is_not_parsed_again_and_again);
    return grader_run(argc, argv);
}
