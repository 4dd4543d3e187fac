/*
 * Between the program and the kernel: the socket has room for 50,000 bytes, whatever the machine
 * says, and a call that would wait is noticed instead of waiting.
 */
#include "check_socket.h"
#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MOST_IN_VAIN = 3 };

const char NO_WAIT[] = "no function waits, and none tries in vain more than three times "
                       "(contract, 3)";

struct scene scene;

static ssize_t no_room(bool may_wait)
{
    scene.in_vain++;
    grader_expect(!may_wait && scene.in_vain <= MOST_IN_VAIN, NO_WAIT,
                  "expected the function to return: the client does not read, and this send %s",
                  may_wait ? "waits for it" : "is tried again and again");
    errno = EAGAIN;
    return -1;
}

/* The socket of the server: short writes at the edge, and none beyond it. */
static ssize_t send_some(const void *data, size_t size, int flags)
{
    bool may_wait = (flags & MSG_DONTWAIT) == 0 && (fcntl(scene.server, F_GETFL) & O_NONBLOCK) == 0;
    size_t room = ROOM - scene.in_flight;
    size_t part = size < room ? size : room;

    if (part < size && (part == 0 || may_wait)) {
        return no_room(may_wait);
    }
    ssize_t sent =
        syscall(SYS_sendto, scene.server, data, part, flags | MSG_DONTWAIT, NULL, (socklen_t)0);
    if (sent > 0) {
        scene.in_flight += (size_t)sent;
    }
    return sent;
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    if (scene.in_call && fd == scene.server) {
        return send_some(data, size, flags);
    }
    return syscall(SYS_sendto, fd, data, size, flags, NULL, (socklen_t)0);
}

ssize_t write(int fd, const void *data, size_t size)
{
    if (scene.in_call && fd == scene.server) {
        return send_some(data, size, 0);
    }
    return syscall(SYS_write, fd, data, size);
}

/* The first part is a short write, too. */
ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (scene.in_call && fd == scene.server) {
        return send_some(parts[0].iov_base, parts[0].iov_len, 0);
    }
    return syscall(SYS_writev, fd, parts, count);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    if (scene.in_call && fd == scene.server) {
        return send_some(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len, flags);
    }
    return syscall(SYS_sendmsg, fd, message, flags);
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct timespec timeout = {.tv_sec = timeout_ms / 1000,
                               .tv_nsec = timeout_ms % 1000 * 1000000L};

    grader_expect(!scene.in_call || timeout_ms == 0, NO_WAIT,
                  "expected the function to return, but it waits in poll");
    return (int)syscall(SYS_ppoll, fds, count, timeout_ms < 0 ? NULL : &timeout, NULL, 0);
}
