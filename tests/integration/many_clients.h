/*
 * many_clients: several clients that each play a small part at the same time: they send a beginning
 * and then, perhaps, one byte every now and then, and read what they are told until the end.
 */
#ifndef MANY_CLIENTS_H
#define MANY_CLIENTS_H

#include "server_process.h"

enum { MANY_CLIENTS_MAX = 8, MANY_CLIENTS_TAIL = 1024 };

struct many_clients_role {
    const char *beginning;
    const char *drip;     /* one character; NULL: silent after the beginning */
    const char *expected; /* is in the last bytes that come before the end; "": nothing comes */
};

struct many_clients {
    const struct many_clients_role *roles;
    size_t count;
    int fds[MANY_CLIENTS_MAX];
    bool ended[MANY_CLIENTS_MAX];
    char tails[MANY_CLIENTS_MAX][MANY_CLIENTS_TAIL + 1]; /* the last that came; ended by NUL */
};

/* Connects them, and each sends its beginning. `roles` is borrowed. */
void many_clients_connect(struct many_clients *clients, const struct server_process *server,
                          const struct many_clients_role *roles, size_t count);

/* Until each has seen the end, and no reset, after what it expects. */
void many_clients_go_on(struct many_clients *clients);

/*
 * A byte more, after a moment, of those that drip, though they have seen the end. Returns from how
 * many of them the server still takes it.
 */
size_t many_clients_drip(const struct many_clients *clients);

void many_clients_leave(const struct many_clients *clients);

#endif
