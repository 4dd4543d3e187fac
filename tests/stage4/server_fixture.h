/*
 * server_fixture: HTTP on a real reactor, on the test's own thread.
 *
 * server_runs lets it work until it would sleep, so that every test is a plain sequence: the client
 * sends, the server runs, the client looks at what it got. One server a process.
 */
#ifndef SERVER_FIXTURE_H
#define SERVER_FIXTURE_H

#include "http_service.h"

/*
 * The routes:
 *     GET  /hello        "Hello, world!\n"
 *     POST /echo         the request's body
 *     GET  /n/:id        the id and a newline
 *     GET  /large        LARGE_BODY bytes of the pattern (sockets.h), copied
 *     GET  /streamed     STREAMED_BODY bytes of the pattern, from a source
 *     GET  /broken       a source that fails in the middle of as many
 */
enum { LARGE_BODY = 100 * 1000, STREAMED_BODY = 1000 * 1000 };

struct server_fixture_config {
    struct http_limits limits;
    struct connection_limits connection; /* all zero: those of the service */
    struct router *router;               /* NULL: the routes above; else the test's own */
    struct worker_pool *workers;         /* NULL: none; else the test's own */
    struct http_patience patience;
    size_t max_requests;
    size_t max_connections;
};

/* clang-format off */
#define SERVER_FIXTURE_DEFAULT                                                                     \
    {                                                                                              \
        .limits = HTTP_LIMITS_DEFAULT, .patience = HTTP_PATIENCE_DEFAULT,                          \
        .max_requests = 1000000, .max_connections = 1000000,                                       \
    }
/* clang-format on */

void server_open(const struct server_fixture_config *config);

/* The handler of /n/:id, for further routes. */
void server_answer_id(struct http_request *request, struct http_response *response,
                      const struct http_context *context);

/* Fails unless every source was released, and no descriptor is left that was not there before. */
void server_close(void);

/* The same in two steps: what workers still have keeps descriptors open. */
void server_ends(void);
void server_left_nothing(void);

/* Takes the descriptor, as from an acceptor. */
void server_adopts(int fd);

/* Lets the server work until it would sleep. */
void server_runs(void);

/* One step of draining, as at SIGTERM. */
void server_drains(void);

struct reactor *server_reactor(void);
size_t server_connections(void);

/* How many exchanges wait to be used again. */
size_t server_free_exchanges(void);

/* How many sources have been made and not released. */
int server_open_sources(void);

#endif
