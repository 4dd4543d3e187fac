/*
 * The grader of S3-least-connections, part two: the policy in the real stage 3 server, with clients
 * that come, stay and go.
 */
#include "check_server.h"

#include "grader.h"
#include "live_server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOOPS = LIVE_SERVER_MOST_LOOPS, EACH = 3 };

static const size_t nobody[LOOPS];

/* One more client, who must be given to this loop. */
static int expect_next_on(size_t loop)
{
    int client = live_server_connect();

    ck_assert_msg(
        live_server_chosen() == loop,
        "the loops held%s connections when a client came: expected loop %zu, got loop %zu. "
        "Invariant: the next connection goes to the loop that has the fewest now; those "
        "that were closed count no more.",
        live_server_loads_then(), loop, live_server_chosen());
    return client;
}

static void close_all(const int *clients, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        close(clients[i]);
    }
    live_server_wait_for_loads(nobody);
}

START_TEST(new_clients_go_to_the_loop_that_lost_its_clients)
{
    static const size_t order[] = {2, 0, 3, 1, 1};
    int clients[LOOPS][EACH];
    size_t loads[LOOPS] = {EACH, EACH, EACH, EACH};

    live_server_start(LOOPS);
    for (size_t loop = 0; loop < LOOPS; loop++) {
        for (size_t i = 0; i < EACH; i++) {
            clients[loop][i] = live_server_connect_to(loop);
        }
    }
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        size_t loop = order[i];
        close(clients[loop][0]);
        close(clients[loop][1]);
        loads[loop] = EACH - 2;
        live_server_wait_for_loads(loads);
        clients[loop][0] = expect_next_on(loop);
        clients[loop][1] = expect_next_on(loop);
        loads[loop] = EACH;
    }
    close_all(clients[0], (size_t)LOOPS * EACH);
    live_server_stop();
}
END_TEST

START_TEST(a_burst_is_spread_evenly)
{
    static const size_t thread_counts[] = {LOOPS, 1, 0};
    size_t threads = thread_counts[_i];
    size_t loops = threads > 0 ? threads : 1;
    size_t given[LOOPS];
    int clients[LOOPS * EACH];

    live_server_start(threads);
    for (size_t i = 0; i < loops * EACH; i++) {
        clients[i] = live_server_dial();
    }
    live_server_wait_for_choices(loops * EACH, given);
    for (size_t i = 0; i < loops; i++) {
        ck_assert_msg(
            given[i] == EACH,
            "%zu clients at once on %zu loops: expected %d on each, but loop %zu got %zu. "
            "Invariant: the load rises at the moment of the choice, so the fewest are "
            "elsewhere for the next one.",
            loops * EACH, loops, EACH, i, given[i]);
    }
    close_all(clients, loops * EACH);
    live_server_stop();
}
END_TEST

START_TEST(clients_that_come_and_go_do_not_all_meet_one_loop)
{
    size_t given[LOOPS];

    live_server_start(LOOPS);
    for (size_t i = 0; i < (size_t)LOOPS * EACH; i++) {
        close(live_server_connect());
        live_server_wait_for_loads(nobody);
    }
    live_server_wait_for_choices((size_t)LOOPS * EACH, given);
    for (size_t i = 0; i < LOOPS; i++) {
        ck_assert_msg(
            given[i] == EACH,
            "%d clients, each gone before the next one came, on %d loops: expected %d for "
            "each loop, but loop %zu got %zu. Invariant: loops with equal loads take turns.",
            LOOPS * EACH, LOOPS, EACH, i, given[i]);
    }
    live_server_stop();
}
END_TEST

void add_server_checks(void)
{
    grader_group("in the real server", NULL, live_server_end);
    grader_add(new_clients_go_to_the_loop_that_lost_its_clients);
    grader_add_loop(a_burst_is_spread_evenly, 0, 3);
    grader_add(clients_that_come_and_go_do_not_all_meet_one_loop);
}
