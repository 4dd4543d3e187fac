/* caught-by: two_clients_have_an_outbox_each */
/* How much was sent is kept beside the outboxes, so it is that of all clients. */
#include "diagnosis.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct outbox {
    char *data;
    size_t length;
};

static size_t sent;

struct outbox *outbox_create(const char *data, size_t length);
int outbox_flush(struct outbox *outbox, int fd);
void outbox_destroy(struct outbox *outbox);

/* Copies the data. Returns NULL if there is no memory. */
struct outbox *outbox_create(const char *data, size_t length)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);

    if (outbox == NULL) {
        return NULL;
    }
    /* malloc may give NULL for no bytes at all, and an empty answer is no failure. */
    outbox->data = malloc(length > 0 ? length : 1);
    if (outbox->data == NULL) {
        free(outbox);
        return NULL;
    }
    memcpy(outbox->data, data, length);
    outbox->length = length;
    sent = 0;
    return outbox;
}

/* Writes what the socket takes now. Returns 1: all is out, 0: there is more, or -errno. */
int outbox_flush(struct outbox *outbox, int fd)
{
    if (sent == outbox->length) {
        return 1;
    }
    ssize_t written = write(fd, outbox->data + sent, outbox->length - sent);
    if (written > 0) {
        sent += (size_t)written;
    } else if (written < 0 && errno != EAGAIN && errno != EINTR) {
        return -errno;
    }
    return sent == outbox->length;
}

void outbox_destroy(struct outbox *outbox)
{
    free(outbox->data);
    free(outbox);
}

enum { ANSWERS = 3, ANSWER = 40000, PIECE = 3000 };

/* A slow client, and what has arrived there. */
struct client {
    int fd;
    size_t received;
    char data[2 * ANSWERS * ANSWER];
};

static void client_read(struct client *client)
{
    ssize_t n = read(client->fd, client->data + client->received, PIECE);

    if (n > 0) {
        client->received += (size_t)n;
    }
}

static void answer_to(struct client *client, int fd, const char *answer)
{
    struct outbox *outbox = outbox_create(answer, ANSWER);
    int result = 0;

    while (outbox != NULL && result == 0) {
        /* A server tries at once, whether the client has read or not. */
        result = outbox_flush(outbox, fd);
        if (result == 0) {
            client_read(client);
        }
    }
    if (outbox != NULL) {
        outbox_destroy(outbox);
    }
}

/* Says where the client's copy differs first. Returns the exit status. */
static int compare(const struct client *client, const char *answer)
{
    printf("the server wrote %d bytes, the client got %zu\n", ANSWERS * ANSWER, client->received);
    for (size_t i = 0; i < client->received; i++) {
        if (client->data[i] != answer[i % ANSWER]) {
            printf("byte %zu of answer %zu is not what the server wrote\n", i % ANSWER,
                   i / ANSWER + 1);
            return EXIT_FAILURE;
        }
    }
    return client->received == (size_t)ANSWERS * ANSWER ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(void)
{
    static struct client client;
    static char answer[ANSWER];
    int size = 8192;
    int ends[2];

    signal(SIGPIPE, SIG_IGN);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0 ||
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) < 0) {
        perror("socketpair");
        return EXIT_FAILURE;
    }
    client.fd = ends[1];
    for (size_t i = 0; i < ANSWER; i++) {
        answer[i] = (char)('a' + i / 7 % 26);
    }
    for (int i = 0; i < ANSWERS; i++) {
        answer_to(&client, ends[0], answer);
    }
    close(ends[0]);
    for (size_t before = client.received + 1; before != client.received;) {
        before = client.received;
        client_read(&client);
    }
    close(ends[1]);
    return compare(&client, answer);
}

/* What you find out before you repair anything; exercises/grader/diagnosis.h has the words. */
const struct diagnosis diagnosis = {
    .line = 52,
    .bug = BUG_SIGN_LOST,
    .tool = TOOL_COMPILER_WARNING,
};
