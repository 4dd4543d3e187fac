/*
 * check_client: a socket pair, one end of which is a source of the reader. The bytes of a client are
 * a sequence that does not repeat soon, so that what is lost, or comes twice, shows.
 */
#ifndef CHECK_CLIENT_H
#define CHECK_CLIENT_H

#include "edge_reader.h"

struct client {
    struct source source;
    const char *name;
    int peer;        /* the other end; -1: closed */
    size_t sent;     /* by the peer */
    size_t received; /* by on_bytes */
    int ends;
    int error;                          /* of the last on_end */
    void (*act)(struct client *client); /* in on_bytes; NULL: nothing */
    void (*act_at_end)(struct client *client);
};

extern struct edge_reader *reader;

/* The rules of the contract that more than one file needs. */
extern const char NOTHING_IS_LOST[];
extern const char SHARE[];

void create_reader(size_t budget);
void destroy_reader(void);

/* Makes the pair and adds the source. */
void client_start(struct client *client, const char *name);
void client_release(struct client *client);

void client_says(struct client *client, size_t length);
void client_hangs_up(struct client *client);

void turn(int timeout_ms);

/* How many bytes it has got so far, and that it has not ended. */
void expect_received(const struct client *client, size_t expected, const char *rule);

/* The checks of the end of a stream, in a file of their own. */
void add_end_checks(void);

#endif
