/*
 * server_options: what every stage server has in common on its command line and in its first words.
 */
#ifndef SERVER_OPTIONS_H
#define SERVER_OPTIONS_H

#include "cli.h"
#include "log.h"

#include <stdint.h>

struct server_options {
    const char *host;
    long port;
    int log_level;      /* enum log_level */
    long drain_timeout; /* milliseconds */
};

/* clang-format off */
#define SERVER_OPTIONS_DEFAULT \
    {.host = "127.0.0.1", .port = 8080, .log_level = LOG_INFO, .drain_timeout = 3000}
/* clang-format on */

/* The rows of these options, to stand first in a server's table. `target` is the struct itself. */
/* clang-format off */
#define SERVER_OPTIONS_ROWS(options) \
    {.name = "host", .argument = "ADDRESS", \
     .help = "where to listen: a name, IPv4 or IPv6 (127.0.0.1)", \
     .kind = CLI_STRING, .target = &(options).host}, \
    {.name = "port", .argument = "N", \
     .help = "TCP port; 0 takes a free one (8080)", \
     .kind = CLI_NUMBER, .target = &(options).port, .minimum = 0, .maximum = 65535}, \
    {.name = "log-level", .argument = "LEVEL", \
     .help = "how much to say on standard error", \
     .kind = CLI_CHOICE, .target = &(options).log_level, .choices = log_level_names}, \
    {.name = "drain-timeout", .argument = "MS", \
     .help = "at the end, wait so long for clients (3000)", \
     .kind = CLI_NUMBER, .target = &(options).drain_timeout, .minimum = 0, .maximum = 3600000}
/* clang-format on */

/*
 * Opens the listening socket that the options ask for. When that fails, says why in one line.
 * Returns the descriptor, owned by the caller, or -errno.
 */
int server_listen(const char *program, const struct server_options *options);

/*
 * Prints "PROGRAM listening on SCHEME ADDRESS SUFFIX" to standard output: the line that people and
 * scripts wait for. For HTTP, scheme and suffix make the address a URL; else both are "".
 */
void server_announce(const char *program, int listen_fd, const char *scheme, const char *suffix);

#endif
