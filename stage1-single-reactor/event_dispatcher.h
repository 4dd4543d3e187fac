/*
 * event_dispatcher: which descriptors are ready? One table of functions for poll, select and epoll.
 *
 * A dispatcher only reports. It never calls a channel and never sees the event loop, so a new one
 * is a single file. The table is constant and shared by all loops; what differs from loop to loop
 * is the `state` that create makes and every other function receives.
 *
 * Thread: all functions run on the thread of the loop that created the state. All functions that
 * return int return 0 or -errno, `wait` the number of events or -errno.
 */
#ifndef EVENT_DISPATCHER_H
#define EVENT_DISPATCHER_H

#include <stddef.h>
#include <stdint.h>

enum { EVENT_READ = 1, EVENT_WRITE = 2 };

struct ready_event {
    int fd;
    unsigned events;     /* EVENT_READ, EVENT_WRITE or both */
    uint32_t generation; /* filled in by the loop, never by a dispatcher */
};

struct event_dispatcher {
    const char *name;
    int (*create)(void **ret_state);
    void (*destroy)(void *state);

    /*
     * add and update set the interest of `fd`; it was not added before, or was. They may fail (no
     * memory; -ERANGE from select for a descriptor of FD_SETSIZE and above) and then change
     * nothing. Interest 0 means not watched at all, not even for errors: a descriptor nobody
     * handles just now must not make the loop spin.
     */
    int (*add)(void *state, int fd, unsigned events);
    int (*update)(void *state, int fd, unsigned events);
    int (*remove)(void *state, int fd);

    /*
     * May be NULL; then remove is called. As remove, for a descriptor that the caller is about to
     * close: where closing is enough for the kernel, only forget what is noted here. Until it is
     * closed it may still be reported.
     */
    void (*forget)(void *state, int fd);

    /*
     * Waits at most timeout_ms (-1: for ever) and reports at most `capacity` ready descriptors,
     * each once. Returns 0 when the time is over or a signal came (EINTR). An error or hang-up is
     * reported as READ|WRITE, so that the read or write itself yields the errno. Reports may be
     * spurious. A scan goes on where the last one stopped: a small capacity starves nobody.
     */
    int (*wait)(void *state, int timeout_ms, struct ready_event *ret, size_t capacity);
};

#endif
