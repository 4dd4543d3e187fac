#include "server_options.h"

#include "net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int server_listen(const char *program, const struct server_options *options)
{
    int fd = net_listen(options->host, (uint16_t)options->port);

    if (fd < 0) {
        bool bracket = strchr(options->host, ':') != NULL;
        fprintf(stderr, "%s: cannot listen on %s%s%s:%ld: %s%s\n", program, bracket ? "[" : "",
                options->host, bracket ? "]" : "", options->port,
                fd == -ENOENT ? "unknown host" : strerror(-fd),
                fd == -EADDRINUSE ? " (--port=0 takes a free one)" : "");
    }
    return fd;
}

void server_announce(const char *program, int listen_fd, const char *scheme, const char *suffix)
{
    char address[NET_ADDRESS_TEXT];

    if (net_local_address(listen_fd, address) == 0) {
        printf("%s listening on %s%s%s\n", program, scheme, address, suffix);
        fflush(stdout);
    }
}
