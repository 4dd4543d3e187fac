#include "http_loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More free exchanges than this, after a burst of slow requests, are given back to the system. */
enum { KEPT_EXCHANGES = 64, KEPT_CAPACITY = 64 * 1024 };

static void destroy_exchange(struct http_exchange *exchange)
{
    http_response_release(&exchange->response);
    buffer_release(&exchange->head);
    buffer_release(&exchange->content);
    buffer_release(&exchange->path);
    free(exchange);
}

static int enter(struct reactor *reactor, void *context)
{
    struct http_loop *loop = calloc(1, sizeof *loop);

    if (loop == NULL) {
        return -ENOMEM;
    }
    loop->service = context;
    loop->reactor = reactor;
    reactor->hook_state = loop;
    return 0;
}

static void leave(struct reactor *reactor, void *context)
{
    struct http_loop *loop = reactor->hook_state;

    (void)context;
    while (loop->free_exchanges != NULL) {
        struct http_exchange *exchange = loop->free_exchanges;
        loop->free_exchanges = exchange->next;
        destroy_exchange(exchange);
    }
    buffer_release(&loop->head_text);
    free(loop);
}

struct loop_hooks http_service_hooks(struct http_service *service)
{
    return (struct loop_hooks){.enter = enter, .leave = leave, .context = service};
}

const struct http_counters *http_service_counters(const struct reactor *reactor)
{
    const struct http_loop *loop = reactor->hook_state;

    return &loop->counters;
}

struct http_exchange *http_loop_take_exchange(struct http_loop *loop)
{
    struct http_exchange *exchange = loop->free_exchanges;

    if (exchange != NULL) {
        loop->free_exchanges = exchange->next;
        loop->free_count--;
    } else {
        exchange = calloc(1, sizeof *exchange);
        if (exchange == NULL) {
            return NULL;
        }
    }
    http_parser_init(&exchange->parser, &loop->service->limits, &exchange->request);
    http_response_reset(&exchange->response);
    return exchange;
}

void http_loop_give_back(struct http_loop *loop, struct http_exchange *exchange)
{
    if (loop->free_count >= KEPT_EXCHANGES) {
        destroy_exchange(exchange);
        return;
    }
    http_response_reset(&exchange->response);
    buffer_clear(&exchange->head, KEPT_CAPACITY);
    buffer_clear(&exchange->content, KEPT_CAPACITY);
    buffer_clear(&exchange->path, KEPT_CAPACITY);
    exchange->next = loop->free_exchanges;
    loop->free_exchanges = exchange;
    loop->free_count++;
}

struct http_span http_loop_date_line(struct http_loop *loop)
{
    struct timespec now;
    char date[HTTP_DATE_TEXT];

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != loop->date_second) {
        loop->date_second = now.tv_sec;
        http_format_date(now.tv_sec, date);
        int length = snprintf(loop->date_line, sizeof loop->date_line,
                              "Date: %s\r\nServer: reactor-lab\r\n", date);
        loop->date_length = (size_t)length;
    }
    return (struct http_span){loop->date_line, loop->date_length};
}

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
static bool has_length(int status)
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
    if (result == 0 && has_length(response->status)) {
        result = append_length(head, response->length);
    }
    if (result == 0) {
        result = append_text(head, connection_line(&exchange->request, keep_alive));
    }
    return result < 0 ? result : append_text(head, "\r\n");
}

int http_loop_send(struct http_loop *loop, struct tcp_connection *connection,
                   const struct http_exchange *exchange, bool keep_alive)
{
    const struct http_response *response = &exchange->response;
    bool with_body = exchange->request.method != HTTP_HEAD && response->source == NULL &&
                     has_length(response->status);
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
