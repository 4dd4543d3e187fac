#include "http_client.h"

#include "client.h"
#include "integration.h"

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

static void take_body(struct http_client *client, struct http_answer *answer)
{
    char value[64];
    size_t taken = 0;

    ck_assert_msg(http_answer_field(answer, "Content-Length", value, sizeof value),
                  "no Content-Length in: %s", answer->head);
    answer->body_length = strtoul(value, NULL, 10);
    answer->body = malloc(answer->body_length + 1);
    ck_assert_ptr_nonnull(answer->body);
    while (taken < answer->body_length) {
        if (client->start == client->end) {
            receive_more(client, "the rest of a body");
        }
        size_t part = client->end - client->start;
        size_t wanted = answer->body_length - taken;
        part = part < wanted ? part : wanted;
        memcpy(answer->body + taken, client->bytes + client->start, part);
        client->start += part;
        taken += part;
    }
    answer->body[taken] = '\0';
}

void http_receive_head(struct http_client *client, struct http_answer *answer)
{
    answer->body = NULL;
    answer->body_length = 0;
    take_head(client, answer);
    understand_head(answer);
}

void http_receive(struct http_client *client, struct http_answer *answer)
{
    http_receive_head(client, answer);
    if (answer->status >= 200 && answer->status != 204 && answer->status != 304) {
        take_body(client, answer);
    }
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

void http_expect_end(struct http_client *client)
{
    ck_assert_msg(client->start == client->end, "more came than was asked for: %.*s",
                  (int)(client->end - client->start), client->bytes + client->start);
    client_expect_end(client->fd);
    client->fd = -1;
}

void http_get(const struct server_process *server, const char *path, struct http_answer *answer)
{
    struct http_client client;

    http_connect(&client, server);
    http_ask(&client, "GET", path);
    http_receive(&client, answer);
    http_disconnect(&client);
}
