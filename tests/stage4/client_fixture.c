#include "client_fixture.h"

#include "escaped.h"
#include "sockets.h"
#include "server_fixture.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct test_client client_open(void (*connect)(int ret_pair[2]))
{
    int pair[2];

    connect(pair);
    server_adopts(pair[0]);
    return (struct test_client){.fd = pair[1], .server_fd = pair[0]};
}

void client_close(struct test_client *client)
{
    close(client->fd);
    buffer_release(&client->received);
    server_runs();
}

size_t client_offers(struct test_client *client, const void *bytes, size_t length)
{
    size_t sent = 0;
    ssize_t n = 1;

    while (sent < length && n > 0) {
        n = send(client->fd, (const char *)bytes + sent, length - sent,
                 MSG_DONTWAIT | MSG_NOSIGNAL);
        sent += n > 0 ? (size_t)n : 0;
        server_runs();
    }
    return sent;
}

void client_sends_bytes(struct test_client *client, const void *bytes, size_t length)
{
    size_t sent = client_offers(client, bytes, length);

    ck_assert_msg(sent == length, "the server took %zu of %zu bytes", sent, length);
}

void client_sends(struct test_client *client, const char *text)
{
    client_sends_bytes(client, text, strlen(text));
}

void client_finishes(struct test_client *client)
{
    ck_assert_int_eq(shutdown(client->fd, SHUT_WR), 0);
    server_runs();
}

/* One read. Returns whether there was something. */
static bool receive(struct test_client *client)
{
    enum { PIECE = 64 * 1024 };
    char *room = buffer_reserve(&client->received, PIECE);

    ck_assert_ptr_nonnull(room);
    ssize_t n = client->ended || client->reset ? 0 : recv(client->fd, room, PIECE, MSG_DONTWAIT);
    if (n > 0) {
        buffer_commit(&client->received, (size_t)n);
        return true;
    }
    client->ended = client->ended || (n == 0 && !client->reset);
    client->reset = client->reset || (n < 0 && errno != EAGAIN);
    return false;
}

void client_reads_all(struct test_client *client)
{
    do {
        server_runs();
    } while (receive(client));
}

void client_awaits_end(struct test_client *client)
{
    struct pollfd wanted = {.fd = client->fd, .events = POLLIN};

    /* Over TCP a segment may be under way while neither side has anything to do. */
    for (int i = 0; i < SOCKETS_PATIENCE_MS; i++) {
        client_reads_all(client);
        if (client->ended || client->reset) {
            return;
        }
        poll(&wanted, 1, 1);
    }
    ck_abort_msg("the connection did not end");
}

static const char *received(const struct test_client *client)
{
    return client->received.length > 0 ? buffer_data(&client->received) : "";
}

static size_t head_length(const struct test_client *client)
{
    const char *end = memmem(received(client), client->received.length, "\r\n\r\n", 4);

    ck_assert_msg(end != NULL, "expected an answer, got: %s",
                  escaped(received(client), client->received.length));
    return (size_t)(end - received(client)) + 4;
}

struct test_answer client_takes_head(struct test_client *client)
{
    struct test_answer answer = {.body = ""};
    size_t length = head_length(client);

    ck_assert_uint_lt(length, sizeof answer.head);
    memcpy(answer.head, received(client), length);
    ck_assert_msg(sscanf(answer.head, "HTTP/1.1 %3d ", &answer.status) == 1,
                  "expected a status line, got: %s", escaped(answer.head, length));
    buffer_consume(&client->received, length);
    return answer;
}

struct test_answer client_takes_answer(struct test_client *client)
{
    struct test_answer answer = client_takes_head(client);
    const char *length = answer_field(&answer, "Content-Length");

    answer.body = received(client);
    answer.body_length = length != NULL ? strtoul(length, NULL, 10) : 0;
    ck_assert_msg(answer.body_length <= client->received.length,
                  "expected %zu bytes of a body, got %zu; ended: %d, reset: %d\nhead: %s",
                  answer.body_length, client->received.length, client->ended, client->reset,
                  answer.head);
    /* Only forgotten, not moved: good until something more is received. */
    buffer_consume(&client->received, answer.body_length);
    return answer;
}

struct test_answer client_expects(struct test_client *client, int status, const char *body)
{
    struct test_answer answer = client_takes_answer(client);

    ck_assert_msg(answer.status == status, "expected %d, got: %s", status, answer.head);
    ck_assert_msg(
        answer.body_length == strlen(body) && memcmp(answer.body, body, answer.body_length) == 0,
        "expected the body '%s', got '%s'", body, escaped(answer.body, answer.body_length));
    return answer;
}

void client_expects_pattern(struct test_client *client, size_t length)
{
    struct test_answer answer = client_takes_answer(client);
    char *expected = malloc(length);

    ck_assert_ptr_nonnull(expected);
    pattern(expected, 0, length);
    ck_assert_msg(answer.status == 200 && answer.body_length == length,
                  "expected %zu bytes, got: %s", length, answer.head);
    size_t same = 0;
    while (same < length && answer.body[same] == expected[same]) {
        same++;
    }
    ck_assert_msg(same == length, "byte %zu of %zu is not the right one", same, length);
    free(expected);
}

void client_expects_nothing(struct test_client *client)
{
    ck_assert_msg(client->received.length == 0, "expected nothing more, got: %s",
                  escaped(received(client), client->received.length));
}

void client_expects_end(struct test_client *client)
{
    client_awaits_end(client);
    client_expects_nothing(client);
    ck_assert_msg(client->ended && !client->reset, "expected the end, got a reset");
}

const char *answer_field(const struct test_answer *answer, const char *name)
{
    static char value[512];
    char start[64];

    snprintf(start, sizeof start, "\r\n%s: ", name);
    const char *found = strcasestr(answer->head, start);
    if (found == NULL) {
        return NULL;
    }
    found += strlen(start);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(found, "\r\n"), found);
    return value;
}

void expect_answer_field(const struct test_answer *answer, const char *name, const char *expected)
{
    const char *got = answer_field(answer, name);

    ck_assert_msg((got == NULL) == (expected == NULL) &&
                      (got == NULL || strcmp(got, expected) == 0),
                  "%s: expected '%s', got '%s' in: %s", name, expected != NULL ? expected : "none",
                  got != NULL ? got : "none", answer->head);
}
