#include "load_target.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int load_target_find(struct load_target *ret_target, const char *host, long port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found;
    char service[8];

    /* RFC 6761, 6.3: this name is the loopback address, also where no hosts file says so. */
    if (strcmp(host, "localhost") == 0) {
        host = "127.0.0.1";
    }
    snprintf(service, sizeof service, "%ld", port);
    int failure = getaddrinfo(host, service, &hints, &found);
    if (failure != 0) {
        return failure == EAI_SYSTEM ? -errno : -ENOENT;
    }
    memcpy(&ret_target->address, found->ai_addr, found->ai_addrlen);
    ret_target->length = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

int load_target_open(const struct load_target *target)
{
    int fd = socket(target->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;

    if (fd < 0) {
        return -errno;
    }
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ||
        (connect(fd, (const struct sockaddr *)&target->address, target->length) < 0 &&
         errno != EINPROGRESS)) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int load_target_await(int fd, int timeout_ms)
{
    struct pollfd connecting = {.fd = fd, .events = POLLOUT};
    int error;
    socklen_t length = sizeof error;
    int ready = poll(&connecting, 1, timeout_ms);

    if (ready <= 0) {
        return ready == 0 ? -ETIMEDOUT : -errno;
    }
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? -errno : -error;
}
