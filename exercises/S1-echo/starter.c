/* fails-at: a_line_comes_back_reversed */
/*
 * S1-echo: each line that comes in goes out with its bytes in reverse order.
 *
 * exercises/S1-echo/README.md has the whole contract; stage1-single-reactor/tcp_connection.h says
 * what the callbacks may do.
 */
#include "tcp_connection.h"

extern const struct tcp_connection_callbacks line_mirror;

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    /*
     * TODO: find the complete lines, and send each with its bytes reversed. Return how many bytes
     * you have used; those that are left come again, together with what comes next.
     */
    (void)connection;
    (void)bytes;
    return length;
}

static void on_eof(struct tcp_connection *connection)
{
    /* TODO: the peer has finished sending. What may still be on its way to him? */
    (void)connection;
}

const struct tcp_connection_callbacks line_mirror = {
    .on_bytes = on_bytes,
    .on_eof = on_eof,
};
