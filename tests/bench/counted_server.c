/*
 * counted_server: the stage 3 server with wakeups that are counted. A benchmark sees with it how
 * many of them a connection costs, and how many are saved when connections come in crowds.
 *
 *     counted_server --wakeup=counted-socketpair …     the other options are those of stage 3
 *     counted_server --wakeup=counted-eventfd …
 *
 * At the end it says on standard error: wakes N
 */
#include "stage3.h"

#include "server_extensions.h"
#include "wakeup.h"

#include <stdatomic.h>
#include <stdio.h>

static atomic_ullong wakes;
static struct wakeup counted_socketpair;
static struct wakeup counted_eventfd;

static int wake_by_socketpair(int write_fd)
{
    atomic_fetch_add_explicit(&wakes, 1, memory_order_relaxed);
    return socketpair_wakeup.wake(write_fd);
}

static int wake_by_eventfd(int write_fd)
{
    atomic_fetch_add_explicit(&wakes, 1, memory_order_relaxed);
    return eventfd_wakeup.wake(write_fd);
}

int main(int argc, char **argv)
{
    static const struct wakeup *const wakeups[] = {&counted_socketpair, &counted_eventfd, NULL};
    const struct server_extensions extensions = {.wakeups = wakeups};

    counted_socketpair = socketpair_wakeup;
    counted_socketpair.name = "counted-socketpair";
    counted_socketpair.wake = wake_by_socketpair;
    counted_eventfd = eventfd_wakeup;
    counted_eventfd.name = "counted-eventfd";
    counted_eventfd.wake = wake_by_eventfd;

    int status = stage3_main(argc, argv, &extensions);
    if (status == 0) {
        fprintf(stderr, "wakes %llu\n", atomic_load(&wakes));
    }
    return status;
}
