#include "check_connection.h"

#include "grader.h"
#include "guarded.h"

#include <stdio.h>
#include <string.h>

enum { MOST_STORY = 1 << 16 };

const char NOT_USED[] =
    "used are the bytes of whole requests; those of an incomplete one come again (contract, 4)";
const char ANY_SPLIT[] = "any split of the same bytes gives the same requests (contract, 4)";
static const char GIVEN[] = "only the bytes that are given may be read (contract, 1)";

static const struct http_limits limits = HTTP_LIMITS_DEFAULT;

static struct {
    struct pipeline pipeline;
    char left[GUARDED_MOST];
    size_t left_length;
    int turn; /* the bytes change sides with each delivery */
    char story[MOST_STORY];
    size_t story_length;
} connection;

static void tell(const char *text, size_t length)
{
    size_t room = MOST_STORY - 1 - connection.story_length;
    size_t n = length < room ? length : room;

    memcpy(connection.story + connection.story_length, text, n);
    connection.story_length += n;
    connection.story[connection.story_length] = '\0';
}

static void note_request(struct pipeline *pipeline, const struct http_request *request)
{
    struct http_span target = http_request_text(request, request->target);
    const char *method = http_method_names[request->method];

    tell(method, strlen(method));
    tell(" ", 1);
    tell(target.data, target.length);
    if (request->body.length > 0) {
        tell(" '", 2);
        tell(request->body.data, request->body.length);
        tell("'", 1);
    }
    tell("; ", 2);
    pipeline->busy = target.length >= 5 && memcmp(target.data, "/slow", 5) == 0;
}

static void note_refusal(struct pipeline *pipeline, int status)
{
    char text[32];

    (void)pipeline;
    tell(text, (size_t)snprintf(text, sizeof text, "refused %d; ", status));
}

struct pipeline *connection_open(void)
{
    connection.left_length = 0;
    connection.story_length = 0;
    connection.story[0] = '\0';
    memset(&connection.pipeline, 0, sizeof connection.pipeline);
    connection.pipeline.on_request = note_request;
    connection.pipeline.on_refused = note_refusal;
    connection.pipeline.limits = &limits;
    return &connection.pipeline;
}

size_t connection_deliver(const char *bytes, size_t length)
{
    size_t all = connection.left_length + length;
    enum guarded_side side = (connection.turn ^= 1) ? GUARDED_END : GUARDED_START;

    ck_assert(all <= sizeof connection.left);
    if (length > 0) {
        memcpy(connection.left + connection.left_length, bytes, length);
    }
    const char *place = guarded_copy(connection.left, all, side, GIVEN);
    size_t used = pipeline_bytes(&connection.pipeline, place, all);
    grader_expect(used <= all, NOT_USED,
                  "%zu bytes were there: expected at most so many used, got %zu", all, used);
    memmove(connection.left, connection.left + used, all - used);
    connection.left_length = all - used;
    return used;
}

size_t connection_deliver_text(const char *text)
{
    return connection_deliver(text, strlen(text));
}

size_t connection_answered(void)
{
    connection.pipeline.busy = false;
    return connection_deliver("", 0);
}

size_t connection_left_over(void)
{
    return connection.left_length;
}

const char *connection_story(void)
{
    return connection.story;
}
