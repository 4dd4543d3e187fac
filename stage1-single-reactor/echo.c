#include "echo.h"

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    /* Without memory for an answer there is none: better to end than to leave bytes out. */
    if (tcp_connection_send(connection, bytes, length) < 0) {
        tcp_connection_abort(connection);
    }
    return length;
}

static void on_eof(struct tcp_connection *connection)
{
    /* The peer has finished sending, not reading: what we still owe him goes out first. */
    tcp_connection_close_after_flush(connection);
}

const struct tcp_connection_callbacks echo_callbacks = {
    .on_bytes = on_bytes,
    .on_eof = on_eof,
};
