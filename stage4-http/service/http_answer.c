/* The head of an answer, and what is sent with it. See http_loop.h. */
#include "http_loop.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* More than the lines take whose lengths are no handler's choice. */
enum { FIXED_LINES = 256 };

/* Writes where *at is, and moves it on. build_head has made room for everything at once. */
static void put(char **at, const char *text, size_t length)
{
    memcpy(*at, text, length);
    *at += length;
}

static void put_text(char **at, const char *text)
{
    put(at, text, strlen(text));
}

/* RFC 9112, 4: the status line. The most frequent one is ready made. */
static void put_status_line(char **at, int status)
{
    if (status == 200) {
        put_text(at, "HTTP/1.1 200 OK\r\n");
    } else {
        *at += snprintf(*at, FIXED_LINES / 2, "HTTP/1.1 %d %s\r\n", status, http_reason(status));
    }
}

/* RFC 9110, 8.6: 204 and 304 have no content, and so no length either. */
static bool has_content(int status)
{
    return status != 204 && status != 304;
}

static void put_length(char **at, uint64_t length)
{
    char digits[20];
    char *first = digits + sizeof digits;

    do {
        *--first = (char)('0' + length % 10);
        length /= 10;
    } while (length > 0);
    put_text(at, "Content-Length: ");
    put(at, first, (size_t)(digits + sizeof digits - first));
    put_text(at, "\r\n");
}

/*
 * RFC 9112, 6: how the client finds the end. HTTP/1.0 does not know chunks: there the end of the
 * connection is the end of the body.
 */
static void put_framing(char **at, const struct http_exchange *exchange)
{
    const struct http_response *response = &exchange->response;

    if (!has_content(response->status)) {
        return;
    }
    if (response->length != HTTP_LENGTH_UNKNOWN) {
        put_length(at, response->length);
    } else if (exchange->request.minor_version != 0) {
        put_text(at, "Transfer-Encoding: chunked\r\n");
    }
}

/* RFC 9112, 9.3: persistence is the default of 1.1, and an exception that 1.0 asks for. */
static void put_connection(char **at, const struct http_request *request, bool keep_alive)
{
    if (!keep_alive) {
        put_text(at, "Connection: close\r\n");
    } else if (request->minor_version == 0) {
        put_text(at, "Connection: keep-alive\r\n");
    }
}

static int build_head(struct http_loop *loop, const struct http_exchange *exchange, bool keep_alive)
{
    const struct http_response *response = &exchange->response;
    struct http_span date = http_loop_date_line(loop);
    size_t type_length = response->type != NULL ? strlen(response->type) : 0;

    size_t most = FIXED_LINES + date.length + response->fields.length + type_length;

    buffer_consume(&loop->head_text, loop->head_text.length);
    char *start = buffer_reserve(&loop->head_text, most);
    if (start == NULL) {
        return -ENOMEM;
    }
    char *at = start;
    put_status_line(&at, response->status);
    put(&at, date.data, date.length);
    if (response->fields.length > 0) {
        put(&at, buffer_data(&response->fields), response->fields.length);
    }
    if (response->type != NULL) {
        put_text(&at, "Content-Type: ");
        put(&at, response->type, type_length);
        put_text(&at, "\r\n");
    }
    put_framing(&at, exchange);
    put_connection(&at, &exchange->request, keep_alive);
    put_text(&at, "\r\n");
    buffer_commit(&loop->head_text, (size_t)(at - start));
    return 0;
}

int http_answer_send(struct http_loop *loop, struct tcp_connection *connection,
                     const struct http_exchange *exchange, bool keep_alive)
{
    const struct http_response *response = &exchange->response;
    bool with_body = exchange->request.method != HTTP_HEAD && response->source == NULL &&
                     has_content(response->status);
    int result = build_head(loop, exchange, keep_alive);

    if (result == 0) {
        result =
            tcp_connection_send(connection, buffer_data(&loop->head_text), loop->head_text.length);
    }
    if (result == 0 && with_body && response->length > 0) {
        result = tcp_connection_send(connection, response->bytes, (size_t)response->length);
    }
    return result;
}
