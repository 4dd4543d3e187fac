#include "http_client.h"

#include "client.h"
#include "integration.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void http_connect(struct http_client *client, const struct server_process *server)
{
    client->fd = client_connect(server);
    client->start = 0;
    client->end = 0;
}

void http_disconnect(struct http_client *client)
{
    client_reset(client->fd);
    client->fd = -1;
}

void http_send(struct http_client *client, const char *request)
{
    client_send_all(client->fd, request, strlen(request));
}

void http_ask(struct http_client *client, const char *method, const char *path)
{
    char request[HTTP_HEAD_MAX];

    snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: localhost\r\n\r\n", method, path);
    http_send(client, request);
}

/* Receives more behind what is there. `what` is for the message if the end or nothing comes. */
static void receive_more(struct http_client *client, const char *what)
{
    memmove(client->bytes, client->bytes + client->start, client->end - client->start);
    client->end -= client->start;
    client->start = 0;
    client_await(client->fd, POLLIN, what);
    ssize_t n = recv(client->fd, client->bytes + client->end, sizeof client->bytes - client->end,
                     MSG_DONTWAIT);
    ck_assert_msg(n > 0, "%s: instead came %s", what, n == 0 ? "the end" : strerror(errno));
    client->end += (size_t)n;
}

static void take_head(struct http_client *client, struct http_answer *answer)
{
    const char *end;

    do {
        size_t length = client->end - client->start;
        end = memmem(client->bytes + client->start, length, "\r\n\r\n", 4);
        if (end == NULL) {
            ck_assert_msg(length < HTTP_HEAD_MAX, "the head of the answer does not end");
            receive_more(client, "the head of an answer");
        }
    } while (end == NULL);
    size_t length = (size_t)(end + 4 - (client->bytes + client->start));
    ck_assert_uint_lt(length, HTTP_HEAD_MAX);
    memcpy(answer->head, client->bytes + client->start, length);
    answer->head[length] = '\0';
    client->start += length;
}

bool http_answer_field(const struct http_answer *answer, const char *name, char *ret_value,
                       size_t capacity)
{
    size_t length = strlen(name);
    const char *line = answer->head;

    ret_value[0] = '\0';
    while ((line = strstr(line, "\r\n")) != NULL) {
        line += 2;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *value = line + length + 1 + strspn(line + length + 1, " ");
            snprintf(ret_value, capacity, "%.*s", (int)strcspn(value, "\r"), value);
            return true;
        }
    }
    return false;
}

static void understand_head(struct http_answer *answer)
{
    char value[64];
    char *end;

    ck_assert_msg(strncmp(answer->head, "HTTP/1.1 ", 9) == 0, "not an answer: %s", answer->head);
    answer->status = (int)strtol(answer->head + 9, &end, 10);
    ck_assert_msg(answer->status >= 100 && answer->status < 600 && *end == ' ',
                  "not a status line: %s", answer->head);
    answer->close = http_answer_field(answer, "Connection", value, sizeof value) &&
                    strcasecmp(value, "close") == 0;
}

/* Takes so many bytes of the connection into the body, behind what is there. */
static void take_bytes(struct http_client *client, struct http_answer *answer, size_t length)
{
    while (length > 0) {
        if (client->start == client->end) {
            receive_more(client, "the rest of a body");
        }
        size_t part = client->end - client->start;
        part = part < length ? part : length;
        memcpy(answer->body + answer->body_length, client->bytes + client->start, part);
        client->start += part;
        answer->body_length += part;
        length -= part;
    }
    answer->body[answer->body_length] = '\0';
}

/* Room for so many bytes more, and a NUL. Doubles, because a body may have many chunks. */
static void make_room(struct http_answer *answer, size_t *capacity, size_t length)
{
    size_t wanted = answer->body_length + length + 1;

    if (wanted > *capacity) {
        *capacity = 2 * wanted;
        answer->body = realloc(answer->body, *capacity);
        ck_assert_ptr_nonnull(answer->body);
    }
}

static void take_line_end(struct http_client *client)
{
    while (client->end - client->start < 2) {
        receive_more(client, "the end of a chunk");
    }
    ck_assert_msg(memcmp(client->bytes + client->start, "\r\n", 2) == 0,
                  "a chunk ends with %02x %02x", (unsigned char)client->bytes[client->start],
                  (unsigned char)client->bytes[client->start + 1]);
    client->start += 2;
}

/* RFC 9112, 7.1, without extensions. */
static size_t take_chunk_size(struct http_client *client)
{
    size_t digits;

    for (;;) {
        digits = 0;
        while (client->start + digits < client->end &&
               isxdigit((unsigned char)client->bytes[client->start + digits])) {
            digits++;
        }
        if (client->start + digits < client->end) {
            break;
        }
        receive_more(client, "the size of a chunk");
    }
    ck_assert_msg(digits > 0 && digits <= 8, "not the size of a chunk: %.20s",
                  client->bytes + client->start);
    size_t size = strtoul(client->bytes + client->start, NULL, 16);
    client->start += digits;
    take_line_end(client);
    return size;
}

static void take_chunks(struct http_client *client, struct http_answer *answer)
{
    size_t capacity = 0;
    size_t size;

    do {
        size = take_chunk_size(client);
        make_room(answer, &capacity, size);
        take_bytes(client, answer, size);
        take_line_end(client);
        answer->chunks += size > 0;
    } while (size > 0); /* no trailers either: the line that ends the last chunk ends the body */
}

static void take_body(struct http_client *client, struct http_answer *answer)
{
    char value[64];

    if (http_answer_field(answer, "Transfer-Encoding", value, sizeof value)) {
        ck_assert_msg(strcmp(value, "chunked") == 0, "unknown Transfer-Encoding: %s", value);
        take_chunks(client, answer);
        return;
    }
    ck_assert_msg(http_answer_field(answer, "Content-Length", value, sizeof value),
                  "no Content-Length in: %s", answer->head);
    size_t length = strtoul(value, NULL, 10);
    answer->body = malloc(length + 1);
    ck_assert_ptr_nonnull(answer->body);
    take_bytes(client, answer, length);
}

void http_receive_head(struct http_client *client, struct http_answer *answer)
{
    answer->body = NULL;
    answer->body_length = 0;
    answer->chunks = 0;
    take_head(client, answer);
    understand_head(answer);
}

void http_receive_body(struct http_client *client, struct http_answer *answer)
{
    if (answer->status >= 200 && answer->status != 204 && answer->status != 304) {
        take_body(client, answer);
    }
}

void http_receive(struct http_client *client, struct http_answer *answer)
{
    http_receive_head(client, answer);
    http_receive_body(client, answer);
}

void http_receive_until_end(struct http_client *client, struct http_answer *answer)
{
    size_t capacity = 0;
    bool more = true;
    char next;

    http_receive_head(client, answer);
    while (more) {
        size_t length = client->end - client->start;
        make_room(answer, &capacity, length);
        take_bytes(client, answer, length);
        client_await(client->fd, POLLIN, "the rest of the body, or its end");
        more = recv(client->fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
        if (more) {
            receive_more(client, "the rest of the body");
        }
    }
    http_expect_end(client);
}

void http_answer_release(struct http_answer *answer)
{
    free(answer->body);
    answer->body = NULL;
}

void http_expect(struct http_client *client, int status)
{
    struct http_answer answer;

    http_receive(client, &answer);
    ck_assert_msg(answer.status == status, "not %d, but: %s%s", status, answer.head, answer.body);
    http_answer_release(&answer);
}

void http_expect_body(struct http_client *client, int status, const char *body)
{
    struct http_answer answer;

    http_receive(client, &answer);
    ck_assert_msg(answer.status == status && answer.body != NULL &&
                      answer.body_length == strlen(body) && strcmp(answer.body, body) == 0,
                  "expected %d and '%s', got: %s%s", status, body, answer.head, answer.body);
    http_answer_release(&answer);
}

void http_expect_end(struct http_client *client)
{
    ck_assert_msg(client->start == client->end, "more came than was asked for: %.*s",
                  (int)(client->end - client->start), client->bytes + client->start);
    client_expect_end(client->fd);
    client->fd = -1;
}

unsigned long http_status_value(struct http_client *client, const char *name)
{
    struct http_answer answer;
    char key[64];
    unsigned long sum = 0;

    http_ask(client, "GET", "/status");
    http_receive(client, &answer);
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(answer.body, key);
    ck_assert_msg(answer.status == 200 && at != NULL, "no %s in %s", key, answer.body);
    for (; at != NULL; at = strstr(at, key)) {
        at += strlen(key);
        sum += strtoul(at, NULL, 10);
    }
    http_answer_release(&answer);
    return sum;
}

void http_get(const struct server_process *server, const char *path, struct http_answer *answer)
{
    struct http_client client;

    http_connect(&client, server);
    http_ask(&client, "GET", path);
    http_receive(&client, answer);
    http_disconnect(&client);
}
