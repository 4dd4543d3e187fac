#include "net.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How many completed connections may wait for accept; the kernel caps it at net.core.somaxconn. */
enum { BACKLOG = 4096 };

static int listen_on(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -errno;
    }
    /*
     * Without SO_REUSEADDR a restarted server cannot bind while old connections are in TIME_WAIT.
     */
    int on = 1;
    int off = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        /* "::" serves IPv4 as well, whatever the system's default for this is. */
        (address->ai_family != AF_INET6 ||
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0) &&
        /* Linux hands TCP_NODELAY down to accepted sockets: one system call for all of them. */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) {
        return fd;
    }
    int error = errno;
    close(fd);
    return -error;
}

int net_listen(const char *host, uint16_t port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *addresses;
    char service[8];

    /* RFC 6761, 6.3: this name is the loopback address, also where no hosts file says so. */
    if (strcmp(host, "localhost") == 0) {
        host = "127.0.0.1";
    }
    snprintf(service, sizeof service, "%u", (unsigned)port);
    int failure = getaddrinfo(host, service, &hints, &addresses);
    if (failure != 0) {
        return failure == EAI_SYSTEM ? -errno : -ENOENT;
    }
    int fd = -EADDRNOTAVAIL;
    for (struct addrinfo *each = addresses; each != NULL && fd < 0; each = each->ai_next) {
        fd = listen_on(each);
    }
    freeaddrinfo(addresses);
    return fd;
}

int net_accept(int listen_fd)
{
    int fd;

    do {
        fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    return fd >= 0 ? fd : -errno;
}

int net_local_address(int fd, char ret_text[static NET_ADDRESS_TEXT])
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char host[INET6_ADDRSTRLEN + 20];
    char service[8];

    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        return -errno;
    }
    if (getnameinfo((struct sockaddr *)&address, length, host, sizeof host, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return -EINVAL;
    }
    bool bracket = address.ss_family == AF_INET6;
    snprintf(ret_text, NET_ADDRESS_TEXT, "%s%s%s:%s", bracket ? "[" : "", host, bracket ? "]" : "",
             service);
    return 0;
}

/*
 * Not getpeername: that knows nobody any more once the peer has reset the connection. SO_PEERNAME
 * does, but fails if it is offered more room than the address needs.
 */
static bool peer_address(int fd, struct sockaddr_storage *ret_address, socklen_t *ret_length)
{
    static const socklen_t lengths[] = {sizeof(struct sockaddr_in6), sizeof(struct sockaddr_in)};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        *ret_length = lengths[i];
        if (getsockopt(fd, SOL_SOCKET, SO_PEERNAME, ret_address, ret_length) == 0) {
            return true;
        }
    }
    return false;
}

char *net_peer_host(int fd)
{
    struct sockaddr_storage address;
    socklen_t length;
    char host[INET6_ADDRSTRLEN + 20];

    if (!peer_address(fd, &address, &length) ||
        getnameinfo((struct sockaddr *)&address, length, host, sizeof host, NULL, 0,
                    NI_NUMERICHOST) != 0) {
        return NULL;
    }
    /* An IPv4 client of an IPv6 socket: everybody knows it by its IPv4 address. */
    bool mapped = strncmp(host, "::ffff:", 7) == 0 && strchr(host, '.') != NULL;
    return strdup(mapped ? host + 7 : host);
}
