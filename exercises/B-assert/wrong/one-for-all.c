/* caught-by: two_stats_know_nothing_of_each_other */
/* There is only one server, so one place for the numbers is enough. */
#include "diagnosis.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* Belongs together: all of it is of one moment. */
struct totals {
    size_t requests;
    size_t bytes;
    size_t largest; /* bytes of the largest answer */
};

static struct totals all_totals;

struct stats {
    pthread_mutex_t mutex;
};

struct stats *stats_create(void);
void stats_count(struct stats *stats, size_t bytes);
void stats_read(struct stats *stats, struct totals *ret_totals);
void stats_destroy(struct stats *stats);

static void lock(struct stats *stats)
{
    assert(stats != NULL);
    /* Outside of the assertion: with NDEBUG nothing of that is left. */
    int error = pthread_mutex_lock(&stats->mutex);
    assert(error == 0);
    (void)error;
}

static void unlock(struct stats *stats)
{
    assert(stats != NULL);
    pthread_mutex_unlock(&stats->mutex);
}

struct stats *stats_create(void)
{
    struct stats *stats = calloc(1, sizeof *stats);

    if (stats == NULL || pthread_mutex_init(&stats->mutex, NULL) != 0) {
        free(stats);
        return NULL;
    }
    return stats;
}

void stats_destroy(struct stats *stats)
{
    pthread_mutex_destroy(&stats->mutex);
    free(stats);
}

void stats_count(struct stats *stats, size_t bytes)
{
    struct totals *totals = &all_totals;

    lock(stats);
    totals->requests++;
    totals->bytes += bytes;
    if (bytes > totals->largest) {
        totals->largest = bytes;
    }
    unlock(stats);
}

void stats_read(struct stats *stats, struct totals *ret_totals)
{
    lock(stats);
    *ret_totals = all_totals;
    unlock(stats);
}

/* What main shows: four threads that answer requests, 100 bytes each. */
enum { THREADS = 4, REQUESTS = 500 * 1000, BYTES = 100 };

static void *answer_requests(void *stats)
{
    for (int i = 0; i < REQUESTS; i++) {
        stats_count(stats, BYTES);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    struct totals totals;
    struct stats *stats = stats_create();

    if (stats == NULL) {
        return EXIT_FAILURE;
    }
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, answer_requests, stats) != 0) {
            perror("pthread_create");
            exit(EXIT_FAILURE);
        }
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    stats_read(stats, &totals);
    stats_destroy(stats);
    printf("%d requests answered, %zu counted\n", THREADS * REQUESTS, totals.requests);
    printf("%d bytes sent, %zu counted\n", THREADS * REQUESTS * BYTES, totals.bytes);
    return totals.requests == THREADS * REQUESTS ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Your diagnosis. The line is that of this file as it was given. */
const struct diagnosis diagnosis = {
    .line = 34,
    .bug = BUG_SIDE_EFFECT_IN_ASSERT,
    .tool = TOOL_RELEASE_BUILD,
};
