/*
 * scripted_server: a server of a test's own, as strange as the test wants it.
 *
 * Threads that accept a connection, play the script on it, close it, and so on. There have to be as
 * many as the client keeps connections open at a time. What it counts is final once the client has
 * ended: a request is counted before it is answered.
 */
#ifndef SCRIPTED_SERVER_H
#define SCRIPTED_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { SCRIPTED_THREADS = 32 };

struct scripted_server {
    void (*play)(struct scripted_server *server, int fd);
    const char *text; /* for play */
    unsigned port;
    int listen_fd;
    atomic_int connections;
    atomic_int requests;
    pthread_t threads[SCRIPTED_THREADS];
};

void scripted_server_start(struct scripted_server *server);

/* Returns once every script is played to its end; so the client has to be gone. */
void scripted_server_stop(struct scripted_server *server);

/* Reads one HTTP request (without a body) and counts it. Returns false at the end. */
bool scripted_read_request(struct scripted_server *server, int fd);

/* Returns false when the client has closed. */
bool scripted_send(int fd, const void *bytes, size_t length);

/* Reads and throws away until the client closes. */
void scripted_await_end(int fd);

#endif
