#include "request_fixture.h"

#include "http_parser.h"
#include "http_path.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void request_fixture_open(struct request_fixture *fixture, const char *method, const char *target)
{
    request_fixture_open_with(fixture, method, target, "");
}

void request_fixture_open_with(struct request_fixture *fixture, const char *method,
                               const char *target, const char *fields)
{
    static const struct http_limits limits = HTTP_LIMITS_DEFAULT;
    struct http_request *request = &fixture->request;
    struct http_parser parser;

    memset(fixture, 0, sizeof *fixture);
    int length = snprintf(fixture->head, sizeof fixture->head,
                          "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n", method, target, fields);
    ck_assert_int_lt(length, (int)sizeof fixture->head);
    http_parser_init(&parser, &limits, request);
    ck_assert_msg(http_parser_feed(&parser, fixture->head, (size_t)length) == HTTP_COMPLETE,
                  "%s %s: status %d", method, target, parser.error_status);
    request->head = fixture->head;
    int status = http_path_decode(http_request_text(request, request->target_path), &fixture->path);
    ck_assert_msg(status == 0, "%s %s: status %d", method, target, status);
    request->path = (struct http_span){buffer_data(&fixture->path), fixture->path.length};
    http_response_reset(&fixture->response);
}

void request_fixture_close(struct request_fixture *fixture)
{
    http_response_release(&fixture->response);
    buffer_release(&fixture->path);
}

const char *response_field(const struct http_response *response, const char *name)
{
    static char value[1024];
    const char *line = buffer_data(&response->fields);
    const char *end = line != NULL ? line + response->fields.length : NULL;
    size_t name_length = strlen(name);
    int found = 0;

    while (line != end) {
        const char *line_end = memmem(line, (size_t)(end - line), "\r\n", 2);
        ck_assert_ptr_nonnull(line_end);
        if (strncasecmp(line, name, name_length) == 0 && line[name_length] == ':') {
            const char *text = line + name_length + 2;
            snprintf(value, sizeof value, "%.*s", (int)(line_end - text), text);
            found++;
        }
        line = line_end + 2;
    }
    ck_assert_msg(found <= 1, "%s: %d times", name, found);
    return found == 1 ? value : NULL;
}
