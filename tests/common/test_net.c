#include "net.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int listen_or_fail(const char *host, uint16_t port)
{
    int fd = net_listen(host, port);

    ck_assert_msg(fd >= 0, "net_listen(%s, %u): %s", host, port, strerror(-fd));
    return fd;
}

static uint16_t port_of(int fd)
{
    char text[NET_ADDRESS_TEXT];

    ck_assert_int_eq(net_local_address(fd, text), 0);
    return (uint16_t)atoi(strrchr(text, ':') + 1);
}

static void assert_born_with_flags(int fd)
{
    ck_assert_msg((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0, "descriptor %d blocks", fd);
    ck_assert_msg((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "descriptor %d survives exec", fd);
}

START_TEST(port_0_is_a_free_port_and_each_call_has_its_own)
{
    int first = listen_or_fail("127.0.0.1", 0);
    int second = listen_or_fail("127.0.0.1", 0);

    ck_assert_uint_ne(port_of(first), 0);
    ck_assert_uint_ne(port_of(first), port_of(second));
    close(first);
    close(second);
}
END_TEST

START_TEST(an_ipv4_address_reads_as_host_and_port)
{
    int fd = listen_or_fail("127.0.0.1", 0);
    char text[NET_ADDRESS_TEXT];
    char expected[NET_ADDRESS_TEXT];
    struct sockaddr_in address;
    socklen_t length = sizeof address;

    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    snprintf(expected, sizeof expected, "127.0.0.1:%u", ntohs(address.sin_port));
    ck_assert_int_eq(net_local_address(fd, text), 0);
    ck_assert_str_eq(text, expected);
    close(fd);
}
END_TEST

/* A machine may have no IPv6; then there is an error to be told, and no socket. */
static bool ipv6_is_there(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool there = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;

    if (fd >= 0) {
        close(fd);
    }
    return there;
}

START_TEST(an_ipv6_address_reads_as_host_in_brackets_and_port)
{
    char text[NET_ADDRESS_TEXT];
    int fd = net_listen("::1", 0);

    if (!ipv6_is_there()) {
        ck_assert_int_lt(fd, 0);
        return;
    }
    ck_assert_msg(fd >= 0, "net_listen(::1): %s", strerror(-fd));
    ck_assert_int_eq(net_local_address(fd, text), 0);
    ck_assert_msg(strncmp(text, "[::1]:", 6) == 0 && atoi(text + 6) > 0,
                  "expected [::1]:port, got %s", text);
    close(fd);
}
END_TEST

static int connect_by_ipv4(int listen_fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)},
                                  .sin_port = htons(port_of(listen_fd))};
    int client = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_msg(connect(client, (struct sockaddr *)&address, sizeof address) == 0,
                  "connecting by IPv4: %s", strerror(errno));
    return client;
}

START_TEST(the_ipv6_wildcard_serves_ipv4_as_well)
{
    if (!ipv6_is_there()) {
        ck_assert_int_lt(net_listen("::", 0), 0);
        return;
    }
    int fd = listen_or_fail("::", 0);
    close(connect_by_ipv4(fd));
    close(fd);
}
END_TEST

START_TEST(localhost_is_the_loopback_address)
{
    char text[NET_ADDRESS_TEXT];
    int fd = listen_or_fail("localhost", 0);

    ck_assert_int_eq(net_local_address(fd, text), 0);
    ck_assert_msg(strncmp(text, "127.0.0.1:", 10) == 0, "expected 127.0.0.1, got %s", text);
    close(fd);
}
END_TEST

START_TEST(a_port_in_use_is_eaddrinuse)
{
    int fd = listen_or_fail("127.0.0.1", 0);

    ck_assert_int_eq(net_listen("127.0.0.1", port_of(fd)), -EADDRINUSE);
    close(fd);
}
END_TEST

/* Whoever closes first is left with TIME_WAIT: here the server, as when it is restarted. */
START_TEST(a_port_is_free_again_at_once_after_a_restart)
{
    int listen_fd = listen_or_fail("127.0.0.1", 0);
    uint16_t port = port_of(listen_fd);
    int client = tcp_connect_to(listen_fd);
    int served = net_accept(listen_fd);

    ck_assert_int_ge(served, 0);
    close(served);
    close(listen_fd);
    peer_sees_end(client);
    close(client);
    close(listen_or_fail("127.0.0.1", port));
}
END_TEST

START_TEST(an_unknown_host_is_enoent_and_leaves_no_descriptor)
{
    int before = open_descriptors();

    /* With an empty label it is no name at all, so nobody is asked about it over the network. */
    ck_assert_int_eq(net_listen("no..host", 0), -ENOENT);
    ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(a_foreign_address_is_an_error_and_leaves_no_descriptor)
{
    int before = open_descriptors();

    /* TEST-NET-1 of RFC 5737: an address that no machine has. */
    ck_assert_int_eq(net_listen("192.0.2.1", 0), -EADDRNOTAVAIL);
    ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(listening_and_accepted_sockets_are_non_blocking_and_close_on_exec)
{
    int listen_fd = listen_or_fail("127.0.0.1", 0);
    int client = tcp_connect_to(listen_fd);
    int served = net_accept(listen_fd);

    ck_assert_int_ge(served, 0);
    assert_born_with_flags(listen_fd);
    assert_born_with_flags(served);
    close(served);
    close(client);
    close(listen_fd);
}
END_TEST

START_TEST(an_accepted_socket_does_not_wait_to_fill_its_segments)
{
    int listen_fd = listen_or_fail("127.0.0.1", 0);
    int client = tcp_connect_to(listen_fd);
    int served = net_accept(listen_fd);
    int no_delay = 0;
    socklen_t length = sizeof no_delay;

    ck_assert_int_eq(getsockopt(served, IPPROTO_TCP, TCP_NODELAY, &no_delay, &length), 0);
    ck_assert_int_ne(no_delay, 0);
    close(served);
    close(client);
    close(listen_fd);
}
END_TEST

/* Or a client leaves no address in a log by resetting the connection behind its request. */
START_TEST(a_peer_that_has_reset_the_connection_still_has_its_address)
{
    static const char *const listen_on[] = {"127.0.0.1", "::"};

    if (_i == 1 && !ipv6_is_there()) {
        return;
    }
    int listen_fd = listen_or_fail(listen_on[_i], 0);
    int client = connect_by_ipv4(listen_fd);
    int served = net_accept(listen_fd);
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct pollfd hung_up = {.fd = served};

    ck_assert_int_eq(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    close(client);
    ck_assert_int_eq(poll(&hung_up, 1, SOCKETS_PATIENCE_MS), 1);
    char *host = net_peer_host(served);
    ck_assert_pstr_eq(host, "127.0.0.1");
    free(host);
    close(served);
    close(listen_fd);
}
END_TEST

START_TEST(an_empty_queue_is_eagain_and_a_bad_descriptor_ebadf)
{
    int listen_fd = listen_or_fail("127.0.0.1", 0);
    char text[NET_ADDRESS_TEXT];

    ck_assert_int_eq(net_accept(listen_fd), -EAGAIN);
    close(listen_fd);
    ck_assert_int_eq(net_accept(listen_fd), -EBADF);
    ck_assert_int_eq(net_local_address(listen_fd, text), -EBADF);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("net");

    TCase *addresses = tcase_create("addresses");
    tcase_add_test(addresses, port_0_is_a_free_port_and_each_call_has_its_own);
    tcase_add_test(addresses, an_ipv4_address_reads_as_host_and_port);
    tcase_add_test(addresses, an_ipv6_address_reads_as_host_in_brackets_and_port);
    tcase_add_test(addresses, the_ipv6_wildcard_serves_ipv4_as_well);
    tcase_add_test(addresses, localhost_is_the_loopback_address);
    suite_add_tcase(suite, addresses);

    TCase *refusals = tcase_create("refusals");
    tcase_add_test(refusals, a_port_in_use_is_eaddrinuse);
    tcase_add_test(refusals, a_port_is_free_again_at_once_after_a_restart);
    tcase_add_test(refusals, an_unknown_host_is_enoent_and_leaves_no_descriptor);
    tcase_add_test(refusals, a_foreign_address_is_an_error_and_leaves_no_descriptor);
    suite_add_tcase(suite, refusals);

    TCase *sockets = tcase_create("sockets");
    tcase_add_test(sockets, listening_and_accepted_sockets_are_non_blocking_and_close_on_exec);
    tcase_add_test(sockets, an_accepted_socket_does_not_wait_to_fill_its_segments);
    tcase_add_loop_test(sockets, a_peer_that_has_reset_the_connection_still_has_its_address, 0, 2);
    tcase_add_test(sockets, an_empty_queue_is_eagain_and_a_bad_descriptor_ebadf);
    suite_add_tcase(suite, sockets);
    return run_suite(suite);
}
