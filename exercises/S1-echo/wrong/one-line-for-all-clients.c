/* caught-by: two_clients_do_not_mix */
/* Collects the line in a static array: right as long as there is one client. */
#include "tcp_connection.h"

extern const struct tcp_connection_callbacks line_mirror;

enum { LINE_MOST = 1000 };

static char reversed[LINE_MOST + 1]; /* filled from its end */
static size_t collected;

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') {
            reversed[LINE_MOST] = '\n';
            tcp_connection_send(connection, reversed + LINE_MOST - collected, collected + 1);
            collected = 0;
        } else if (collected < LINE_MOST) {
            collected++;
            reversed[LINE_MOST - collected] = bytes[i];
        } else {
            tcp_connection_send(connection, "too long\n", 9);
            tcp_connection_close_after_flush(connection);
            collected = 0;
            break;
        }
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
