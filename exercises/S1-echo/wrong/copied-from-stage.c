/* caught-by: a_line_comes_back_reversed */
/* The echo of stage 1 under a new name. */
#include "tcp_connection.h"

extern const struct tcp_connection_callbacks line_mirror;

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    if (tcp_connection_send(connection, bytes, length) < 0) {
        tcp_connection_abort(connection);
    }
    return length;
}

static void on_eof(struct tcp_connection *connection)
{
    tcp_connection_close_after_flush(connection);
}

const struct tcp_connection_callbacks line_mirror = {
    .on_bytes = on_bytes,
    .on_eof = on_eof,
};
