/* The head of an answer, and what is sent with it. See http_loop.h. */
#include "http_loop.h"

#include <stdio.h>
#include <string.h>

static int append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

/* RFC 9112, 4: the status line. The most frequent one is ready made. */
static int append_status_line(struct buffer *head, int status)
{
    if (status == 200) {
        return append_text(head, "HTTP/1.1 200 OK\r\n");
    }
    return buffer_printf(head, "HTTP/1.1 %d %s\r\n", status, http_reason(status));
}

/* RFC 9110, 8.6: 204 and 304 have no content, and so no length either. */
static bool has_content(int status)
{
    return status != 204 && status != 304;
}

static int append_field(struct buffer *head, const char *name_and_colon, const char *value)
{
    int result = append_text(head, name_and_colon);

    if (result == 0) {
        result = append_text(head, value);
    }
    return result < 0 ? result : append_text(head, "\r\n");
}

static int append_length(struct buffer *head, uint64_t length)
{
    char digits[24];
    char *first = digits + sizeof digits;

    *--first = '\n';
    *--first = '\r';
    do {
        *--first = (char)('0' + length % 10);
        length /= 10;
    } while (length > 0);
    int result = append_text(head, "Content-Length: ");
    return result < 0 ? result
                      : buffer_append(head, first, (size_t)(digits + sizeof digits - first));
}

/*
 * RFC 9112, 6: how the client finds the end. HTTP/1.0 does not know chunks: there the end of the
 * connection is the end of the body.
 */
static int append_framing(struct buffer *head, const struct http_exchange *exchange)
{
    const struct http_response *response = &exchange->response;

    if (!has_content(response->status)) {
        return 0;
    }
    if (response->length != HTTP_LENGTH_UNKNOWN) {
        return append_length(head, response->length);
    }
    return exchange->request.minor_version == 0
               ? 0
               : append_text(head, "Transfer-Encoding: chunked\r\n");
}

/* RFC 9112, 9.3: persistence is the default of 1.1, and an exception that 1.0 asks for. */
static const char *connection_line(const struct http_request *request, bool keep_alive)
{
    if (!keep_alive) {
        return "Connection: close\r\n";
    }
    return request->minor_version == 0 ? "Connection: keep-alive\r\n" : "";
}

static int build_head(struct http_loop *loop, const struct http_exchange *exchange, bool keep_alive)
{
    const struct http_response *response = &exchange->response;
    struct buffer *head = &loop->head_text;
    struct http_span date = http_loop_date_line(loop);

    buffer_consume(head, head->length);
    int result = append_status_line(head, response->status);
    if (result == 0) {
        result = buffer_append(head, date.data, date.length);
    }
    if (result == 0) {
        result = buffer_append(head, buffer_data(&response->fields), response->fields.length);
    }
    if (result == 0 && response->type != NULL) {
        result = append_field(head, "Content-Type: ", response->type);
    }
    if (result == 0) {
        result = append_framing(head, exchange);
    }
    if (result == 0) {
        result = append_text(head, connection_line(&exchange->request, keep_alive));
    }
    return result < 0 ? result : append_text(head, "\r\n");
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
