/*
 * check_players: watchers that note their calls, and the steps of a check: add, remove, turn.
 *
 * A check has one loop at a time. The rules are sentences of README.md's contract.
 */
#ifndef CHECK_PLAYERS_H
#define CHECK_PLAYERS_H

#include "small_loop.h"

/* The rules. */
extern const char CALLED[];
extern const char WAITS_ONCE[];
extern const char RESULT[];
extern const char REMOVED[];
extern const char TAKEN_OUT[];
extern const char OWN_EVENTS[];
extern const char LATE[];
extern const char HIGH[];
extern const char REFUSED[];

/* A watcher that notes its calls, and may do something in them. */
struct player {
    struct watcher watcher;
    const char *name;
    int calls;
    uint32_t events;                /* of the last call */
    int turn;                       /* its place among all calls */
    void (*act)(struct player *me); /* NULL: nothing */
};

extern struct small_loop *loop;

void create_loop(void);
void destroy_loop(void);

struct player player(const char *name, int fd);

/* Each notes a step. start must succeed. */
int try_to_register(struct player *who);
void start(struct player *who);
void stop(struct player *who);
int turn(void);

/* What free and the next malloc would do to its memory: a call from now on fails the check. */
void bury(struct player *who);

void expect_calls(const struct player *who, int calls, const char *rule);

/* The checks that use real sockets. */
void add_socket_checks(void);

#endif
