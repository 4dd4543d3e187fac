/*
 * crowd: many echo clients of which the server may serve only some. Each sends one byte when it
 * connects; who has it back is served, who sees the end was refused, the others still wait.
 */
#ifndef CROWD_H
#define CROWD_H

#include "server_process.h"

enum { CROWD_MAX = 1200 };

enum crowd_state { CROWD_WAITING, CROWD_SERVED, CROWD_REFUSED, CROWD_GONE };

struct crowd {
    size_t size;
    int fds[CROWD_MAX];
    enum crowd_state states[CROWD_MAX];
};

/* Connects `size` clients; each sends its byte. */
void crowd_connect(struct crowd *crowd, const struct server_process *server, size_t size);

size_t crowd_count(const struct crowd *crowd, enum crowd_state state);

/* Takes in what the server does until `count` clients are in this state. More fail the test. */
void crowd_await(struct crowd *crowd, enum crowd_state state, size_t count);

/* Every one that is served sends a byte and gets it back. */
void crowd_round_trip(const struct crowd *crowd);

/* Up to `count` of the served ones leave. */
void crowd_leave(struct crowd *crowd, size_t count);

/* All that are connected leave. */
void crowd_disperse(struct crowd *crowd);

#endif
