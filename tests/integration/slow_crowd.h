/*
 * slow_crowd: thousands of clients that each have sent half a head and go on a byte at a time.
 *
 * They live in a process of their own, so that the descriptors of the test and those of the crowd
 * do not add up. It does what it is told over a socket, and dies with the test.
 */
#ifndef SLOW_CROWD_H
#define SLOW_CROWD_H

#include "server_process.h"

struct slow_crowd {
    pid_t pid;
    int control;
};

/* Returns once all have connected and sent their beginning. */
struct slow_crowd slow_crowd_start(const struct server_process *server, size_t size);

/* Waits until each has seen the end. Returns how many were told 408 before it. */
size_t slow_crowd_await_408(const struct slow_crowd *crowd);

/* All that are left leave, and the process ends. */
void slow_crowd_leave(const struct slow_crowd *crowd);

#endif
