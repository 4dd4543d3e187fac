/*
 * http_response: what a handler answers.
 *
 * A handler sets a status, adds fields and gives one of three kinds of body: bytes that are copied,
 * bytes that live long enough anyway, or a source that produces them while the client takes them.
 * The service adds Date, Server, Content-Length and Connection, and writes it all.
 *
 * Lives in an exchange, on one loop. No call fails the program: when memory is short, the answer
 * becomes a 500.
 */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

struct tcp_connection;

/* The length of a body of which nobody knows it yet: it goes out in chunks. */
#define HTTP_LENGTH_UNKNOWN UINT64_MAX

enum http_source_result { HTTP_SOURCE_DONE, HTTP_SOURCE_MORE, HTTP_SOURCE_WAITS };

/*
 * Produces a body piece by piece, on the connection's loop. Embedded in its owner. See
 * http_source.h for what `produce` calls.
 */
struct http_source {
    /*
     * Called when the connection's output is empty and its socket takes more, so a slow client
     * costs no memory. Sends some of the body, a bounded amount. Returns HTTP_SOURCE_MORE, to be
     * called again; HTTP_SOURCE_WAITS: there is nothing now, and http_source_ready will say when;
     * HTTP_SOURCE_DONE: that was all; -errno: it cannot go on, and the connection must be cut,
     * since the body is promised already.
     */
    int (*produce)(struct http_source *source, struct tcp_connection *connection);
    /* Exactly once, whether the body was sent or not. */
    void (*release)(struct http_source *source);
    bool ready; /* has bytes as soon as it is asked, so the head goes out with the first of them */
    /* The service's: */
    struct tcp_connection *connection; /* NULL until the head is out */
    bool chunked;
    uint64_t sent; /* bytes of the body so far */
};

struct http_response {
    int status;
    bool failed;          /* memory was short */
    const char *type;     /* Content-Type, which lives as long as the body; NULL: none */
    struct buffer fields; /* finished lines */
    struct buffer copied; /* the body, if it was copied */
    const char *bytes;    /* the body, if it is borrowed */
    uint64_t length;      /* of the body, whatever kind; or HTTP_LENGTH_UNKNOWN */
    struct http_source *source;
};

/* The reason phrase of a status; "Unknown" for one that is not in the table. */
const char *http_reason(int status);

/*
 * Empties the response for the next request: 200, no fields, no body. Releases a source that is
 * left.
 */
void http_response_reset(struct http_response *response);

/* Gives its memory back as well. */
void http_response_release(struct http_response *response);

/*
 * Adds a field. Name and value are refused as a whole (and nothing is added) if they could not
 * stand in a head: no CR or LF ever gets out, whatever a handler passes on. Returns 0, -EINVAL or
 * -ENOMEM.
 */
int http_response_add_field(struct http_response *response, const char *name, const char *value);

/*
 * Adds fields that are ready made: whole lines, with their ends, of which the caller knows what is
 * in them. Returns 0 or -ENOMEM.
 */
int http_response_add_lines(struct http_response *response, const char *lines, size_t length);

/*
 * The three kinds of body; the last one given counts. `type` is the Content-Type, and lives as long
 * as the body.
 */
void http_response_copy(struct http_response *response, const char *type, const void *bytes,
                        size_t length);
/* The bytes live as long as the program, or as the request: its body may be sent back. */
void http_response_borrow(struct http_response *response, const char *type, const void *bytes,
                          size_t length);
/* Owns the source from here on. */
void http_response_stream(struct http_response *response, const char *type,
                          struct http_source *source, uint64_t length);

/* A status with a short text that says it: for errors. Keeps the fields that are there. */
void http_response_error(struct http_response *response, int status);

#endif
