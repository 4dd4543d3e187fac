/* Workers that run freely, clients that come and go, and a loop that may end in the middle. */
#include "check_calls.h"
#include "grader.h"
#include "offload.h"
#include "scripted_stage.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS = 8, WORKERS = 2, ROUNDS = 2000, CAPACITY = 32 };

/* Nothing in here is locked: it is the loop's. A worker that looks into it is a data race. */
struct load_client {
    uint64_t id;
    uint64_t wrong_answers;
};

struct load_data {
    uint64_t client;
    uint64_t result; /* written by the worker, read by the loop */
};

static struct {
    struct load_client clients[CLIENTS];
    uint64_t next_id;
    uint64_t wrong_results;
    int accepted; /* by the loop's thread */
    atomic_int worked;
    atomic_int released;
    atomic_bool over;
} load;

static void work(void *argument)
{
    struct load_data *data = argument;

    data->result = data->client * 3;
    atomic_fetch_add(&load.worked, 1);
}

static void *find(void *table, uint64_t id)
{
    struct load_client *clients = table;

    for (int i = 0; i < CLIENTS; i++) {
        if (clients[i].id == id) {
            return &clients[i];
        }
    }
    return NULL;
}

static void finish(void *connection, void *argument, int status)
{
    struct load_client *client = connection;
    const struct load_data *data = argument;

    client->wrong_answers += client->id != data->client;
    load.wrong_results += status != 0 || data->result != data->client * 3;
}

static void release(void *argument)
{
    free(argument);
    atomic_fetch_add(&load.released, 1);
}

static void offload_one(const struct load_client *client)
{
    struct load_data *data = calloc(1, sizeof *data);

    ck_assert_ptr_nonnull(data);
    data->client = client->id;
    const struct blocking_call call = {
        .connection = client->id,
        .data = data,
        .work = work,
        .find = find,
        .table = load.clients,
        .finish = finish,
        .release = release,
    };
    if (offload(stage_workers(), stage_mailbox(), &call) == 0) {
        load.accepted++;
    } else {
        free(data);
    }
}

static void *run_worker(void *unused)
{
    while (worker_tries_one() || !atomic_load(&load.over)) {
        sched_yield();
    }
    return unused;
}

static void one_round(int round)
{
    struct load_client *client = &load.clients[round % CLIENTS];

    offload_one(client);
    if (round % 3 == 0) {
        /* Somebody else takes the slot. */
        client->id = load.next_id++;
    }
    if (round % 5 == 0) {
        loop_takes_mail();
    }
}

START_TEST(nothing_is_lost_under_load)
{
    pthread_t workers[WORKERS];
    bool ends_early = _i % 2 == 1;

    memset(&load, 0, sizeof load);
    load.next_id = 1;
    stage_begin(CAPACITY);
    for (int i = 0; i < CLIENTS; i++) {
        load.clients[i].id = load.next_id++;
    }
    grader_step("%d workers, %d calls, clients that come and go%s", WORKERS, ROUNDS,
                ends_early ? "; then the loop ends at once" : "");
    for (int i = 0; i < WORKERS; i++) {
        ck_assert_int_eq(pthread_create(&workers[i], NULL, run_worker, NULL), 0);
    }
    for (int i = 0; i < ROUNDS; i++) {
        one_round(i);
    }
    if (ends_early) {
        loop_ends();
    }
    atomic_store(&load.over, true);
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(workers[i], NULL);
    }
    if (!ends_early) {
        loop_takes_mail();
        loop_ends();
    }
    for (int i = 0; i < CLIENTS; i++) {
        grader_expect(load.clients[i].wrong_answers == 0, RULE_GONE,
                      "expected each answer at the client who asked, got others");
    }
    grader_expect(load.wrong_results == 0, RULE_ONCE, "expected the worker's results, got others");
    grader_expect(atomic_load(&load.worked) == load.accepted &&
                      atomic_load(&load.released) == load.accepted,
                  RULE_ONCE, "expected work and release %d times; got %d and %d", load.accepted,
                  atomic_load(&load.worked), atomic_load(&load.released));
    grader_expect(stage_references() == 0 && stage_misdeed() == NULL, RULE_REFERENCE,
                  "expected no reference to be left, got %zu (%s)", stage_references(),
                  stage_misdeed() != NULL ? stage_misdeed() : "all were used well");
}
END_TEST

void add_load_checks(void)
{
    grader_group("under load", NULL, NULL);
    grader_add_loop(nothing_is_lost_under_load, 0, 6);
}
