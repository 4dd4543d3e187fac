#include "slow_crowd.h"

#include "client.h"
#include "integration.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ten bytes every 50 ms: all have their turn, and the server has hardly anything to do. */
enum { DRIP_MS = 50, DRIPS = 10, END_WITHIN_S = 60 };

enum order { AWAIT_408 = 'a', LEAVE = 'l' };

static const char beginning[] = "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";

/* --- In the process of the crowd. There, a failure is an exit, which the test then sees. --- */

static int connect_one(const struct server_process *server)
{
    struct timeval longest = {.tv_sec = END_WITHIN_S};
    int fd = socket(server->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 ||
        connect(fd, (const struct sockaddr *)&server->address, server->address_length) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest) < 0 ||
        send(fd, beginning, sizeof beginning - 1, MSG_NOSIGNAL) < 0) {
        _exit(1);
    }
    return fd;
}

static void report(int control, size_t number)
{
    if (write(control, &number, sizeof number) != sizeof number) {
        _exit(1);
    }
}

/* Drips until there is an order. */
static enum order drip(int control, const int *fds, size_t size)
{
    struct pollfd orders = {.fd = control, .events = POLLIN};
    char order = LEAVE;
    size_t next = 0;

    while (poll(&orders, 1, DRIP_MS) == 0) {
        for (int i = 0; i < DRIPS; i++) {
            send(fds[next++ % size], "s", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
    }
    return read(control, &order, 1) == 1 ? (enum order)order : LEAVE;
}

/* Reads up to the end. Returns whether it was the right one. */
static bool is_told_408(int fd)
{
    static const char expected[] = "HTTP/1.1 408 ";
    char bytes[1024];
    size_t length = 0;
    ssize_t n;

    while ((n = recv(fd, bytes + length, sizeof bytes - length, 0)) > 0) {
        length += (size_t)n;
    }
    return n == 0 && length > sizeof expected && memcmp(bytes, expected, sizeof expected - 1) == 0;
}

static _Noreturn void live(const struct server_process *server, size_t size, int control)
{
    int *fds = calloc(size, sizeof *fds);

    if (fds == NULL) {
        _exit(1);
    }
    for (size_t i = 0; i < size; i++) {
        fds[i] = connect_one(server);
    }
    report(control, size);
    if (drip(control, fds, size) == AWAIT_408) {
        size_t told = 0;
        for (size_t i = 0; i < size; i++) {
            told += is_told_408(fds[i]);
        }
        report(control, told);
    }
    clients_reset(fds, size);
    _exit(0);
}

/* --- In the process of the test. --- */

static size_t await_report(const struct slow_crowd *crowd)
{
    size_t number = 0;

    client_await(crowd->control, POLLIN, "the crowd reports");
    ck_assert_msg(read(crowd->control, &number, sizeof number) == sizeof number,
                  "the crowd has given up");
    return number;
}

struct slow_crowd slow_crowd_start(const struct server_process *server, size_t size)
{
    int pair[2];
    pid_t parent = getpid();
    struct slow_crowd crowd;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    crowd.control = pair[0];
    crowd.pid = fork();
    ck_assert_int_ge(crowd.pid, 0);
    if (crowd.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(1);
        }
        close(pair[0]);
        live(server, size, pair[1]);
    }
    close(pair[1]);
    ck_assert_uint_eq(await_report(&crowd), size);
    return crowd;
}

static void give_order(const struct slow_crowd *crowd, enum order order)
{
    char byte = (char)order;

    ck_assert_int_eq(send(crowd->control, &byte, 1, MSG_NOSIGNAL), 1);
}

static void await_exit(const struct slow_crowd *crowd)
{
    int status;

    ck_assert_int_eq(waitpid(crowd->pid, &status, 0), crowd->pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the crowd has failed");
    close(crowd->control);
}

size_t slow_crowd_await_408(const struct slow_crowd *crowd)
{
    give_order(crowd, AWAIT_408);
    size_t told = await_report(crowd);
    await_exit(crowd);
    return told;
}

void slow_crowd_leave(const struct slow_crowd *crowd)
{
    give_order(crowd, LEAVE);
    await_exit(crowd);
}
