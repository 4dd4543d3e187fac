/* caught-by: a_large_piece_has_many_lines */
/*
 * Compares the limit with the place in the piece, not in the line: nothing shows while pieces
 * are short.
 */
#include "tcp_connection.h"

#include <string.h>

extern const struct tcp_connection_callbacks line_mirror;

enum { LINE_MOST = 1000 };

static const char TOO_LONG[] = "too long\n";

/* In place: the bytes are ours to scribble on. */
static void reverse(char *bytes, size_t length)
{
    for (size_t i = 0; i < length / 2; i++) {
        char other = bytes[length - 1 - i];
        bytes[length - 1 - i] = bytes[i];
        bytes[i] = other;
    }
}

static void send_or_abort(struct tcp_connection *connection, const char *bytes, size_t length)
{
    /* Without memory for an answer there is none: better to end than to leave bytes out. */
    if (tcp_connection_send(connection, bytes, length) < 0) {
        tcp_connection_abort(connection);
    }
}

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    size_t used = 0;

    for (;;) {
        char *line = bytes + used;
        size_t left = length - used;
        /* memchr, not strchr: there is no '\0' at the end, and there may be some in the line. */
        char *end = memchr(line, '\n', left);
        size_t line_length = end != NULL ? (size_t)(end - line) : left;
        if (used + line_length > LINE_MOST) {
            send_or_abort(connection, TOO_LONG, sizeof TOO_LONG - 1);
            tcp_connection_close_after_flush(connection);
            return length;
        }
        if (end == NULL) {
            return used;
        }
        reverse(line, line_length);
        send_or_abort(connection, line, line_length + 1);
        used += line_length + 1;
    }
}

static void on_eof(struct tcp_connection *connection)
{
    tcp_connection_close_after_flush(connection);
}

const struct tcp_connection_callbacks line_mirror = {
    .on_bytes = on_bytes,
    .on_eof = on_eof,
};
