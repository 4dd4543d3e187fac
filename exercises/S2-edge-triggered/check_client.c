#include "check_client.h"

#include "check_kernel.h"
#include "grader.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char NOTHING_IS_LOST[] =
    "a source is read until read says EAGAIN, or it ends; nothing is left "
    "behind (contract, 2)";
const char SHARE[] = "in each turn everybody who was reported or is remembered gets its budget, or "
                     "all there is, and not more (contract, 3)";

struct edge_reader *reader;

void create_reader(size_t budget)
{
    int result = edge_reader_create(budget, &reader);

    grader_step("a reader with a budget of %zu bytes a turn", budget);
    grader_expect(result == 0, "create makes a reader (contract, 7)", "expected 0, got %d", result);
}

void destroy_reader(void)
{
    edge_reader_destroy(reader);
    reader = NULL;
}

/* The byte at this place of every client's sequence. */
static char byte_at(size_t place)
{
    return (char)(place * 31 + place / 251);
}

static void on_bytes(struct source *source, const char *bytes, size_t length)
{
    struct client *client = (struct client *)source; /* the source is its first member */

    grader_step("  %s: on_bytes with %zu bytes", client->name, length);
    grader_expect(length > 0, "on_bytes has one byte or more (contract, 2)", "expected 1 or more");
    grader_expect(client->ends == 0, "on_end is the last call (contract, 5)",
                  "%s: expected nothing after on_end, got %zu bytes", client->name, length);
    for (size_t i = 0; i < length; i++) {
        grader_expect(
            client->received + i < client->sent && bytes[i] == byte_at(client->received + i),
            "the bytes come as they were sent, each once (contract, 2)",
            "%s: byte %zu is not the one that was sent", client->name, client->received + i);
    }
    client->received += length;
    if (client->act != NULL) {
        client->act(client);
    }
}

static void on_end(struct source *source, int error)
{
    struct client *client = (struct client *)source;

    grader_step("  %s: on_end with error %d", client->name, error);
    client->ends++;
    client->error = error;
    if (client->act_at_end != NULL) {
        client->act_at_end(client);
    }
}

void client_start(struct client *client, const char *name)
{
    int pair[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
    ck_assert_int_lt(pair[1], KERNEL_MOST_DESCRIPTORS);
    memset(&kernel_seen[pair[0]], 0, sizeof kernel_seen[pair[0]]);
    *client = (struct client){
        .source = {.fd = pair[0], .on_bytes = on_bytes, .on_end = on_end},
        .name = name,
        .peer = pair[1],
    };
    grader_step("add: %s, descriptor %d", name, pair[0]);
    int result = edge_reader_add(reader, &client->source);
    grader_expect(result == 0, "add registers a source (contract, 1)", "expected 0, got %d",
                  result);
}

void client_release(struct client *client)
{
    close(client->source.fd);
    if (client->peer >= 0) {
        close(client->peer);
    }
}

void client_says(struct client *client, size_t length)
{
    enum { PIECE = 4096 };
    char bytes[PIECE];

    grader_step("%zu bytes are sent to %s", length, client->name);
    while (length > 0) {
        size_t piece = length < PIECE ? length : PIECE;
        for (size_t i = 0; i < piece; i++) {
            bytes[i] = byte_at(client->sent + i);
        }
        ck_assert_int_eq((int)send(client->peer, bytes, piece, MSG_NOSIGNAL), (int)piece);
        client->sent += piece;
        length -= piece;
    }
}

void client_hangs_up(struct client *client)
{
    grader_step("the peer of %s closes", client->name);
    close(client->peer);
    client->peer = -1;
}

void turn(int timeout_ms)
{
    grader_step("turn(%d)", timeout_ms);
    kernel_timeout_ms = 0;
    int result = edge_reader_turn(reader, timeout_ms);
    grader_expect(result == 0, "a turn returns 0, also after a signal (contract, 6)",
                  "expected 0, got %d", result);
}

void expect_received(const struct client *client, size_t expected, const char *rule)
{
    grader_expect(client->received == expected, rule, "%s: expected %zu bytes so far, got %zu",
                  client->name, expected, client->received);
    grader_expect(client->ends == 0,
                  "on_end comes after the last byte, and only if the stream has "
                  "ended (contract, 5)",
                  "%s: expected no on_end yet; it came with error %d", client->name, client->error);
}
