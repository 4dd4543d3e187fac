/* ./lab run S2-edge-triggered */
/* Two clients and a reader with a budget of 16 KiB: one sends 100,000 bytes, the other a word. */
#include "edge_reader.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUDGET = 16384, MUCH = 100000, TURNS = 9 };

struct client {
    struct source source;
    int peer;
    size_t in_this_turn;
    const char *end;
};

static void on_bytes(struct source *source, const char *bytes, size_t length)
{
    (void)bytes;
    ((struct client *)source)->in_this_turn += length; /* the source is its first member */
}

static void on_end(struct source *source, int error)
{
    ((struct client *)source)->end = error == 0 ? "end" : "error";
}

static int start(struct edge_reader *reader, struct client *client)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
        return -1;
    }
    *client = (struct client){
        .source = {.fd = pair[0], .on_bytes = on_bytes, .on_end = on_end},
        .peer = pair[1],
        .end = "",
    };
    return edge_reader_add(reader, &client->source);
}

int main(void)
{
    static const char much[MUCH];
    struct edge_reader *reader;
    struct client talker, polite;

    if (edge_reader_create(BUDGET, &reader) < 0 || start(reader, &talker) < 0 ||
        start(reader, &polite) < 0) {
        fputs("cannot start\n", stderr);
        return 1;
    }
    printf("the talker sends %zd bytes and closes\n", send(talker.peer, much, MUCH, MSG_NOSIGNAL));
    close(talker.peer);
    puts("turn   talker  polite");
    for (int turn = 1; turn <= TURNS; turn++) {
        if (turn == 3) {
            send(polite.peer, "hello", 5, MSG_NOSIGNAL);
            puts("                      the polite client says hello");
        }
        talker.in_this_turn = polite.in_this_turn = 0;
        edge_reader_turn(reader, 0);
        printf("%4d %8zu %7zu  %s\n", turn, talker.in_this_turn, polite.in_this_turn, talker.end);
    }
    edge_reader_destroy(reader);
    return 0;
}
