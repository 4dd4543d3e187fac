/*
 * pool_fixture: a main reactor on the test's own thread, and a pool of sub-reactors.
 *
 * prepare sets the configuration, which the test may change; create makes pool and main reactor;
 * then the test starts and stops the threads; close fails the test if anything is left behind, or
 * if a load does not end at zero.
 */
#ifndef POOL_FIXTURE_H
#define POOL_FIXTURE_H

#include "footprint.h"
#include "hook_record.h"
#include "thread_pool.h"
#include "variants.h"

struct pool_fixture {
    struct reactor_config reactor;
    struct thread_pool_config config;
    struct thread_pool *pool;
    struct reactor main;
    struct hook_record hooks;
    struct footprint before;
    sem_t failed;       /* posted by each loop that ends by itself */
    atomic_int failure; /* the error of the last one */
};

/* On a scripted_dispatcher around the variant's. */
void pool_fixture_prepare(struct pool_fixture *fixture, struct variant variant,
                          size_t thread_count);
void pool_fixture_create(struct pool_fixture *fixture);
void pool_fixture_close(struct pool_fixture *fixture);

/* prepare, create and start; stop and close. */
void pool_fixture_open(struct pool_fixture *fixture, struct variant variant, size_t thread_count);
void pool_fixture_end(struct pool_fixture *fixture);

#endif
