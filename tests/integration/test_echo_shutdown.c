/* SIGTERM and SIGINT: nothing that was sent before them is lost, and nobody idle is waited for. */
#include "client.h"
#include "crowd.h"
#include "configurations.h"
#include "echo_traffic.h"
#include "integration.h"
#include "proc_status.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

enum {
    BUSY_CLIENTS = 64,
    NEW_CLIENTS = 200,
    MEBIBYTE = 1 << 20,
    SMALL_BUFFER = 64 * 1024,
    DRAIN_STEPS = 3,
    LOOPS = 4, /* at most, in any configuration */
};

/* Longer than any test waits: a server that ends has not waited for its drain time to pass. */
static const char *const patient[] = {"--drain-timeout=600000", NULL};
static const char *const impatient[] = {"--drain-timeout=100", NULL};

static struct echo_client clients[BUSY_CLIENTS];

static void await_ending(const struct server_process *server)
{
    await(server_log_count(server, "ending") == 1, "the server says that it is ending");
}

/* A client to which the server owes something that it cannot get rid of. */
static void connect_blocked(const struct server_process *server, struct echo_client *blocked)
{
    int others[LOOPS];

    for (int i = 0; i < LOOPS; i++) {
        others[i] = client_connect(server);
    }
    echo_client_init(blocked, client_connect_with_buffers(server, SMALL_BUFFER, SMALL_BUFFER),
                     seed_for(9), 0);
    echo_client_send_until_stopped(blocked, others, LOOPS);
    for (int i = 0; i < LOOPS; i++) {
        client_finish_sending(others[i]);
        client_expect_end(others[i]);
    }
}

START_TEST(an_idle_client_is_closed_and_not_waited_for)
{
    static const int signals[] = {SIGTERM, SIGINT};
    struct server_process *servers[2];
    int used[2];
    int silent[2];

    for (int i = 0; i < 2; i++) {
        servers[i] = configuration_start(_i, patient);
        used[i] = client_connect(servers[i]);
        silent[i] = client_connect(servers[i]);
        client_round_trip(used[i]);
        server_signal(servers[i], signals[i]);
    }
    for (int i = 0; i < 2; i++) {
        client_expect_end(used[i]);
        client_expect_end(silent[i]);
        server_expect_exit(servers[i], 0);
    }
}
END_TEST

START_TEST(without_clients_it_ends_at_once)
{
    struct server_process *server = configuration_start(_i, patient);

    server_signal(server, SIGINT);
    server_expect_exit(server, 0);
}
END_TEST

START_TEST(sigterm_under_load_answers_all_that_was_sent)
{
    struct server_process *server = configuration_start(_i, patient);

    for (size_t i = 0; i < BUSY_CLIENTS; i++) {
        echo_client_init(&clients[i], client_connect(server), seed_for(i), MEBIBYTE);
    }
    echo_clients_run_until(clients, BUSY_CLIENTS, BUSY_CLIENTS * MEBIBYTE / 8);
    server_signal(server, SIGTERM);
    echo_clients_stop_sending(clients, BUSY_CLIENTS);
    echo_clients_run(clients, BUSY_CLIENTS);
    for (size_t i = 0; i < BUSY_CLIENTS; i++) {
        client_expect_end(clients[i].fd);
    }
    server_expect_exit(server, 0);
}
END_TEST

/* The server stands still, so that connections, bytes and the signal are all there when it looks.
 */
START_TEST(connections_that_wait_to_be_accepted_are_answered_too)
{
    static struct crowd crowd;
    struct server_process *server = configuration_start(_i, patient);
    struct echo_client old;

    echo_client_init(&old, client_connect(server), seed_for(1), MEBIBYTE);
    echo_clients_run_until(&old, 1, MEBIBYTE / 2);
    server_freeze(server);
    echo_client_send_some(&old);
    crowd_connect(&crowd, server, NEW_CLIENTS);
    server_signal(server, SIGTERM);
    server_thaw(server);
    crowd_await(&crowd, CROWD_SERVED, NEW_CLIENTS);
    echo_clients_stop_sending(&old, 1);
    echo_clients_run(&old, 1);
    client_expect_end(old.fd);
    for (size_t i = 0; i < NEW_CLIENTS; i++) {
        client_expect_end(crowd.fds[i]);
    }
    server_expect_exit(server, 0);
}
END_TEST

START_TEST(a_second_signal_ends_it_at_once)
{
    static const int signals[] = {SIGTERM, SIGINT};

    for (int i = 0; i < 2; i++) {
        struct server_process *server = configuration_start(_i, patient);
        struct echo_client blocked;
        connect_blocked(server, &blocked);
        server_signal(server, signals[i]);
        await_ending(server);
        server_signal(server, signals[1 - i]);
        server_expect_exit(server, 128 + signals[1 - i]);
        client_reset(blocked.fd);
    }
}
END_TEST

START_TEST(a_client_that_never_reads_is_cut_off_after_the_drain_time)
{
    struct server_process *server = configuration_start(_i, impatient);
    struct echo_client blocked;

    connect_blocked(server, &blocked);
    server_signal(server, SIGTERM);
    server_expect_exit(server, 0);
    ck_assert_uint_eq(
        server_log_count(server, "connections cut off at the end of the drain time: 1"), 1);
    client_reset(blocked.fd);
}
END_TEST

START_TEST(a_slow_client_has_the_drain_time_to_get_every_byte)
{
    struct server_process *server = configuration_start(_i, patient);
    struct echo_client slow;

    connect_blocked(server, &slow);
    server_signal(server, SIGTERM);
    await_ending(server);
    int64_t later = now_ms() + DRAIN_STEPS * 100;
    await(now_ms() > later, "several steps of the drain pass");
    echo_clients_run(&slow, 1);
    client_expect_end(slow.fd);
    server_expect_exit(server, 0);
}
END_TEST

/* Whether a new connection is refused, as it is once the listening socket is closed. */
static bool refused(const struct server_process *server)
{
    int fd = socket(server->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int result = connect(fd, (const struct sockaddr *)&server->address, server->address_length);
    bool refusal = result < 0 && errno == ECONNREFUSED;

    close(fd);
    return refusal;
}

START_TEST(while_it_ends_nobody_new_is_taken)
{
    struct server_process *server = configuration_start(_i, patient);
    struct echo_client blocked;

    connect_blocked(server, &blocked);
    server_signal(server, SIGTERM);
    await(refused(server), "the port is closed");
    client_reset(blocked.fd);
    server_expect_exit(server, 0);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("echo shutdown");
    int count = configuration_count();

    integration_add(suite, an_idle_client_is_closed_and_not_waited_for, count);
    integration_add(suite, without_clients_it_ends_at_once, count);
    integration_add(suite, sigterm_under_load_answers_all_that_was_sent, count);
    integration_add(suite, connections_that_wait_to_be_accepted_are_answered_too, count);
    integration_add(suite, a_second_signal_ends_it_at_once, count);
    integration_add(suite, a_client_that_never_reads_is_cut_off_after_the_drain_time, count);
    integration_add(suite, a_slow_client_has_the_drain_time_to_get_every_byte, count);
    integration_add(suite, while_it_ends_nobody_new_is_taken, count);
    return integration_run(suite);
}
