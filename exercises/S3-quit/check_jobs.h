/* check_jobs: jobs, gates and steps that the checks of S3-quit are made of. */
#ifndef CHECK_JOBS_H
#define CHECK_JOBS_H

#include "crew.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { MANY = 100, STOPPERS = 3 };

extern const char RULE_WHOLE[];
extern const char RULE_ONCE[];
extern const char RULE_REFUSED[];
extern const char RULE_JOINED[];

struct job {
    struct crew_task task;
    atomic_int runs;
    int position; /* how many had run before it */
    bool on_crew;
    void (*then)(struct job *job);
};

extern struct test {
    struct crew *crew;
    struct crew *other;
    atomic_int runs; /* of all jobs */
    sem_t began;     /* posted by a gate when it is reached */
    sem_t open;      /* for gates */
    sem_t told;
    int result;      /* what a task was told by crew_stop */
    int post_result; /* and then by crew_post */
    size_t joins;    /* at that moment */
    struct job extra;
    int stop_results[STOPPERS];
    int runs_at_return[STOPPERS];
} test;

/* The fixture: all of the above is as at first. */
void set_up_jobs(void);

/* What a job may do besides counting: wait at a gate, say that it ran, or stop test.crew. */
void pass_gate(struct job *job);
void tell(struct job *job);
void stop_and_post(struct job *job);

void make_jobs(struct job *jobs, int count);

/* Waits until so many jobs have told. */
void wait_told(int count);

/* These three expect that it works. */
void create(size_t threads, struct crew **ret_crew);
void post(struct crew *crew, struct job *job);
void stop_outside(struct crew *crew);

/* Posts a gate for each thread and waits until all threads stand at one. */
void hold(struct crew *crew, struct job *gates, int threads);
void open_gates(int threads);

void expect_each_ran_once(const struct job *jobs, int count);

/* Expects that as many threads have been joined as were created, and no misdeed. */
void expect_all_joined(void);

/* In check_ends.c and check_load.c. */
void add_end_checks(void);
void add_load_checks(void);

#endif
