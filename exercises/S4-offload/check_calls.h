/* check_calls: clients, data and calls that the checks of S4-offload are made of. */
#ifndef CHECK_CALLS_H
#define CHECK_CALLS_H

#include "offload.h"

#include <semaphore.h>

enum { SLOTS = 4, CALLS = 8 };

extern const char RULE_THREADS[];
extern const char RULE_ONCE[];
extern const char RULE_GONE[];
extern const char RULE_REFERENCE[];
extern const char RULE_REFUSED[];

/* The connections of the loop: slots that are used again, with ids that are not. */
struct client {
    uint64_t id; /* 0: the slot is free */
    int answers;
    int last_answer;
};

struct data {
    int number;
    int works;
    int finishes;
    int releases;
    int status;
    const struct client *told;
    bool wrong_thread;
};

extern struct test {
    struct client table[SLOTS];
    struct data data[CALLS];
    struct blocking_call calls[CALLS];
    uint64_t next_id;
    int finds;
    bool found_off_loop;
    bool table_is_gone;
    bool asked_a_gone_table;
    sem_t working; /* a gated worker is in work */
    sem_t go_on;
    void (*in_finish)(struct client *client);
} test;

/* The fixture: all of the above is as at first. */
void set_up_calls(void);

/* The lowest free slot, as with descriptors. */
struct client *open_client(void);
void close_client(struct client *client);

struct blocking_call make_call(const struct client *client, int number);

/* Work that lasts until the script says so. */
void work_gated(void *argument);

/* Makes a call and offloads it; expects that it works. */
void call(const struct client *client, int number);

/* Expects so many calls of work, finish and release, each on its thread, and no misdeed. */
void expect_counts(int number, int works, int finishes, int releases);

/* In check_load.c. */
void add_load_checks(void);

#endif
