/* Descriptors that run out, that are too high for select, and that must not be left behind. */
#include "client.h"
#include "crowd.h"
#include "configurations.h"
#include "integration.h"
#include "proc_status.h"

#include <signal.h>
#include <sys/select.h>

enum {
    FEW_DESCRIPTORS = 128,
    MORE_CLIENTS_THAN_THAT = 180,
    BEYOND_SELECT = FD_SETSIZE + 100,
    RETRIES = 5,
    /* The server tries again every 100 ms. */
    RETRIES_TAKE_MS = RETRIES * 100 / 2,
    CPU_MS_FOR_RETRIES = 50,
};

static struct crowd crowd;

/* Starts a server that cannot take all of the crowd. Returns how many it can. */
static size_t run_out(int i, struct server_process **ret_server)
{
    struct server_process *server = configuration_start_limited(i, NULL, FEW_DESCRIPTORS);
    size_t room = FEW_DESCRIPTORS - proc_descriptor_count(server->pid);

    crowd_connect(&crowd, server, MORE_CLIENTS_THAN_THAT);
    crowd_await(&crowd, CROWD_SERVED, room);
    await(server_log_count(server, "accepting pauses") == 1, "the server says that it pauses");
    *ret_server = server;
    return room;
}

/*
 * The main thread goes to sleep once for every retry. One that spins instead never sleeps, so that
 * the wait below ends in vain; one that retries too often is done too early.
 */
static void expect_sleeping(const struct server_process *server)
{
    static const char counter[] = "voluntary_ctxt_switches";
    int64_t cpu_ns = proc_cpu_ns(server->pid);
    int64_t start = now_ms();
    long first = proc_status_value(server->pid, counter);

    await(proc_status_value(server->pid, counter) >= first + RETRIES,
          "the server without descriptors sleeps between its retries");
    int64_t took_ms = now_ms() - start;
    cpu_ns = proc_cpu_ns(server->pid) - cpu_ns;
    ck_assert_msg(took_ms >= RETRIES_TAKE_MS, "%d retries within %d ms", RETRIES, (int)took_ms);
    ck_assert_msg(cpu_ns < CPU_MS_FOR_RETRIES * INT64_C(1000000),
                  "%d retries cost %d us of processor time", RETRIES, (int)(cpu_ns / 1000));
}

START_TEST(without_descriptors_the_connected_are_served_and_the_server_sleeps)
{
    struct server_process *server;
    size_t room = run_out(_i, &server);

    expect_sleeping(server);
    crowd_round_trip(&crowd);
    ck_assert_uint_eq(crowd_count(&crowd, CROWD_SERVED), room);
    ck_assert_uint_eq(server_log_count(server, "accepting pauses"), 1);
    crowd_disperse(&crowd);
}
END_TEST

START_TEST(whoever_leaves_makes_room_for_one_that_waits)
{
    struct server_process *server;
    size_t room = run_out(_i, &server);

    crowd_leave(&crowd, 5);
    crowd_await(&crowd, CROWD_SERVED, room);
    crowd_round_trip(&crowd);
    crowd_leave(&crowd, room);
    crowd_await(&crowd, CROWD_SERVED, MORE_CLIENTS_THAN_THAT - room - 5);
    crowd_round_trip(&crowd);
    ck_assert_uint_ge(server_log_count(server, "accepting goes on"), 1);
    crowd_disperse(&crowd);
}
END_TEST

START_TEST(without_descriptors_sigterm_still_ends_it_in_order)
{
    struct server_process *server;

    run_out(_i, &server);
    server_signal(server, SIGTERM);
    server_expect_exit(server, 0);
    crowd_disperse(&crowd);
}
END_TEST

START_TEST(descriptors_too_high_for_select_are_refused_and_no_others)
{
    struct server_process *server = configuration_start(_i, NULL);
    size_t before = proc_descriptor_count(server->pid);
    size_t room = FD_SETSIZE - before;

    crowd_connect(&crowd, server, BEYOND_SELECT);
    crowd_await(&crowd, CROWD_SERVED, room);
    crowd_await(&crowd, CROWD_REFUSED, BEYOND_SELECT - room);
    crowd_round_trip(&crowd);
    /* A flood of refusals is a line a second, not a flood of lines. */
    size_t lines = server_log_count(server, "FD_SETSIZE");
    ck_assert_msg(lines > 0 && lines < 20, "%zu lines", lines);
    crowd_disperse(&crowd);
    await(proc_descriptor_count(server->pid) == before, "the server closes what was left");
    crowd_connect(&crowd, server, MORE_CLIENTS_THAN_THAT);
    crowd_await(&crowd, CROWD_SERVED, MORE_CLIENTS_THAN_THAT);
    crowd_disperse(&crowd);
}
END_TEST

/* One that just leaves, one that resets, one that half-closes, one that says nothing. */
static void come_and_go(const struct server_process *server)
{
    int half = client_connect(server);
    int silent = client_connect(server);
    int rude = client_connect(server);

    client_round_trip(half);
    client_send_all(rude, "unread", 6);
    client_finish_sending(half);
    client_expect_end(half);
    client_reset(rude);
    client_finish_sending(silent);
    client_expect_end(silent);
}

START_TEST(no_descriptor_is_left_when_all_clients_are_gone)
{
    struct server_process *server = configuration_start(_i, NULL);
    size_t before = proc_descriptor_count(server->pid);

    for (int i = 0; i < 50; i++) {
        come_and_go(server);
    }
    await(proc_descriptor_count(server->pid) == before, "the server closes every descriptor");
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("echo descriptors");
    int count = configuration_count();

    integration_add(suite, without_descriptors_the_connected_are_served_and_the_server_sleeps,
                    count);
    integration_add(suite, whoever_leaves_makes_room_for_one_that_waits, count);
    integration_add(suite, without_descriptors_sigterm_still_ends_it_in_order, count);
    for (int i = 0; i < count; i++) {
        if (configuration_selects(i)) {
            integration_add_one(suite, descriptors_too_high_for_select_are_refused_and_no_others,
                                i);
        }
    }
    integration_add(suite, no_descriptor_is_left_when_all_clients_are_gone, count);
    return integration_run(suite);
}
