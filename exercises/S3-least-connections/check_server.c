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
#include <sys/socket.h>
#include <unistd.h>

extern const struct selection_policy least_connections;

enum { LOOPS = LIVE_SERVER_MOST_LOOPS, EACH = 3 };

static const char FEWEST[] =
    "the next connection goes to a loop that has the fewest now; those that "
    "were closed count no more (contract, 1)";
static const char BURST[] = "a load rises at the moment of the choice, so the fewest are elsewhere "
                            "for the next connection (contract, 1 and 3)";
static const char TURNS[] = "loops with equal loads take turns (contract, 2)";

static const size_t nobody[LOOPS];

/* One more client, who must be given to this loop. */
static int expect_next_on(size_t loop)
{
    int client = live_server_connect();

    grader_step("a client came when the loops had%s connections", live_server_loads_then());
    grader_expect(live_server_chosen() == loop, FEWEST, "expected loop %zu, got loop %zu", loop,
                  live_server_chosen());
    return client;
}

/* Not with a FIN, as close does it, but with a RST: the server's read fails. */
static void leave_with_reset(int client)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};

    setsockopt(client, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(client);
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

    live_server_start(&least_connections, LOOPS);
    for (size_t loop = 0; loop < LOOPS; loop++) {
        for (size_t i = 0; i < EACH; i++) {
            clients[loop][i] = live_server_connect_to(loop);
        }
    }
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        size_t loop = order[i];
        grader_step("two of three clients of loop %zu leave, one of them with a reset", loop);
        close(clients[loop][0]);
        leave_with_reset(clients[loop][1]);
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

    live_server_start(&least_connections, threads);
    grader_step("%zu clients come at once, for %zu loops", loops * EACH, loops);
    for (size_t i = 0; i < loops * EACH; i++) {
        clients[i] = live_server_dial();
    }
    live_server_wait_for_choices(loops * EACH, given);
    for (size_t i = 0; i < loops; i++) {
        grader_expect(given[i] == EACH, BURST, "expected %d on each loop, got %zu on loop %zu",
                      EACH, given[i], i);
    }
    close_all(clients, loops * EACH);
    live_server_stop();
}
END_TEST

START_TEST(clients_that_come_and_go_do_not_all_meet_one_loop)
{
    size_t given[LOOPS];

    live_server_start(&least_connections, LOOPS);
    grader_step("%d clients come to %d loops, each when the one before has gone", LOOPS * EACH,
                LOOPS);
    for (size_t i = 0; i < (size_t)LOOPS * EACH; i++) {
        close(live_server_connect());
        live_server_wait_for_loads(nobody);
    }
    live_server_wait_for_choices((size_t)LOOPS * EACH, given);
    for (size_t i = 0; i < LOOPS; i++) {
        grader_expect(given[i] == EACH, TURNS, "expected %d for each loop, got %zu for loop %zu",
                      EACH, given[i], i);
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
