/*
 * client_fixture: the other end of a connection to the server of server_fixture.
 *
 * Everything it is sent is kept; answers are taken from the front of it, by their Content-Length.
 */
#ifndef CLIENT_FIXTURE_H
#define CLIENT_FIXTURE_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct test_client {
    int fd;
    int server_fd; /* for socket options; the server owns it */
    struct buffer received;
    bool ended; /* the end of the stream was seen */
    bool reset; /* or a reset */
};

struct test_answer {
    int status;
    char head[1024]; /* with the empty line */
    const char *body;
    size_t body_length;
};

/* Connects by stream_pair, packet_pair or tcp_pair (sockets.h). */
struct test_client client_open(void (*connect)(int ret_pair[2]));
void client_close(struct test_client *client);

/* Sends, and lets the server work. Sends all of it: the server must go on reading. */
void client_sends(struct test_client *client, const char *text);
void client_sends_bytes(struct test_client *client, const void *bytes, size_t length);

/* Sends what the sockets take without anybody reading. Returns how much of it. */
size_t client_offers(struct test_client *client, const void *bytes, size_t length);

/* Says that nothing more will be sent, and lets the server work. */
void client_finishes(struct test_client *client);

/* Takes turns with the server, reading all there is, until neither has anything to do. */
void client_reads_all(struct test_client *client);

/* As client_reads_all, until the end or a reset was seen; fails if that takes ten seconds. */
void client_awaits_end(struct test_client *client);

/* Takes the next answer; fails if it is not complete. HEAD: one that has no body. */
struct test_answer client_takes_answer(struct test_client *client);
struct test_answer client_takes_head(struct test_client *client);

/* The same, and says what must be in it. Bodies of the pattern: see sockets.h. */
struct test_answer client_expects(struct test_client *client, int status, const char *body);
void client_expects_pattern(struct test_client *client, size_t length);

/* Nothing more is there to be taken. */
void client_expects_nothing(struct test_client *client);

/* Nothing more, and the connection ends as it should: with the end of the stream, and not by a
 * reset. */
void client_expects_end(struct test_client *client);

/* The value of a field of an answer, NULL if it is not there. Good until the next call. */
const char *answer_field(const struct test_answer *answer, const char *name);
void expect_answer_field(const struct test_answer *answer, const char *name, const char *expected);

#endif
