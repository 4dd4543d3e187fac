#include "http_source.h"

#include "tcp_connection.h"

#include <stdio.h>

int http_source_send(struct http_source *source, const void *bytes, size_t length)
{
    char size_line[24];
    int result = 0;

    if (length == 0) {
        return 0; /* an empty chunk would end the body */
    }
    if (source->chunked) {
        int digits = snprintf(size_line, sizeof size_line, "%zx\r\n", length);
        result = tcp_connection_send(source->connection, size_line, (size_t)digits);
    }
    if (result == 0) {
        result = tcp_connection_send(source->connection, bytes, length);
    }
    if (result == 0 && source->chunked) {
        result = tcp_connection_send(source->connection, "\r\n", 2);
    }
    source->sent += result == 0 ? length : 0;
    return result;
}

void http_source_ready(struct http_source *source)
{
    if (source->connection != NULL) {
        tcp_connection_want_drained(source->connection);
    }
}
