/* Every byte that a client sends comes back, in order, whatever happens meanwhile. */
#include "client.h"
#include "configurations.h"
#include "echo_traffic.h"
#include "integration.h"
#include "proc_status.h"

#include <inttypes.h>
#include <signal.h>
#include <unistd.h>

enum {
    MEBIBYTE = 1 << 20,
    SMALL_BUFFER = 16 * 1024,
    UNREAD_STEP = 240 * 1024, /* less than the server keeps: its high-water mark is 256 KiB */
    UNREAD_MAX = 5 * MEBIBYTE,
    MANY_CLIENTS = 1100,
    MANY_CLIENTS_OF_SELECT = 900, /* FD_SETSIZE is 1024; for the others that is no border */
    LOOPS = 4,                    /* at most, in any configuration */
    RESETS = 50,
    INTERRUPTIONS = 20,
};

/* Sends and receives `total` bytes and ends by half-closing. */
static void echo_all(const struct server_process *server, int receive_buffer, size_t total)
{
    struct echo_client client;

    echo_client_init(&client, client_connect_with_buffers(server, receive_buffer, 0),
                     seed_for(total), total);
    echo_clients_run(&client, 1);
    client_finish_sending(client.fd);
    client_expect_end(client.fd);
}

START_TEST(ten_mebibytes_come_back_as_they_were_sent)
{
    echo_all(configuration_start(_i, NULL), 0, 10 * MEBIBYTE);
}
END_TEST

/* A window this small makes most of the server's writes short. */
START_TEST(a_small_receive_window_costs_no_byte)
{
    echo_all(configuration_start(_i, NULL), SMALL_BUFFER, 8 * MEBIBYTE);
}
END_TEST

START_TEST(a_thousand_clients_at_once_are_all_served)
{
    static struct echo_client clients[MANY_CLIENTS];
    size_t count = configuration_selects(_i) ? MANY_CLIENTS_OF_SELECT : MANY_CLIENTS;
    struct server_process *server = configuration_start(_i, NULL);

    for (size_t i = 0; i < count; i++) {
        /* Half of each stream now, so that all of them are connected before one is done. */
        echo_client_init(&clients[i], client_connect(server), seed_for(i), 1024);
    }
    echo_clients_run(clients, count);
    for (size_t i = 0; i < count; i++) {
        clients[i].total = 4096;
    }
    echo_clients_run(clients, count);
    for (size_t i = 0; i < count; i++) {
        client_reset(clients[i].fd);
    }
}
END_TEST

/*
 * Nothing is read before the FIN is sent. With a little the server has passed everything on to the
 * kernel by then; with much it has stopped reading. In between it still holds bytes of its own when
 * the FIN comes, and those are the ones that a careless server drops.
 */
START_TEST(a_half_closing_client_gets_everything_back_and_then_the_end)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct echo_client client;
    int others[LOOPS];

    for (int i = 0; i < LOOPS; i++) {
        others[i] = client_connect(server);
    }
    for (size_t total = UNREAD_STEP; total <= UNREAD_MAX; total += UNREAD_STEP) {
        int fd = client_connect_with_buffers(server, SMALL_BUFFER, 0);
        echo_client_init(&client, fd, seed_for(total), total);
        echo_client_send_unread(&client, others, LOOPS);
        client_finish_sending(client.fd);
        client_widen(client.fd);
        echo_clients_run(&client, 1);
        client_expect_end(client.fd);
    }
    clients_reset(others, LOOPS);
}
END_TEST

START_TEST(a_client_that_only_connects_and_leaves_is_no_trouble)
{
    struct server_process *server = configuration_start(_i, NULL);
    int fd = client_connect(server);

    client_finish_sending(fd);
    client_expect_end(fd);
    client_reset(client_connect(server));
    echo_all(server, 0, 1);
}
END_TEST

START_TEST(resets_of_other_clients_cost_no_byte)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct echo_client steady;

    echo_client_init(&steady, client_connect(server), seed_for(0), 2 * MEBIBYTE);
    for (size_t i = 1; i <= RESETS; i++) {
        struct echo_client rude;
        echo_client_init(&rude, client_connect(server), seed_for(i), MEBIBYTE);
        /* Some leave before, some while the answer is on its way to them. */
        echo_clients_run_until(&rude, 1, i % 2 * 100);
        for (int burst = 0; burst < 10; burst++) {
            echo_client_send_some(&rude);
        }
        client_reset(rude.fd);
        echo_clients_run_until(&steady, 1, i * steady.total / RESETS);
    }
    echo_clients_run(&steady, 1);
    client_reset(steady.fd);
}
END_TEST

START_TEST(standing_still_and_going_on_costs_no_byte)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct echo_client client;

    echo_client_init(&client, client_connect(server), seed_for(2), 2 * MEBIBYTE);
    for (size_t i = 1; i <= INTERRUPTIONS; i++) {
        server_freeze(server);
        for (int burst = 0; burst < 10; burst++) {
            echo_client_send_some(&client);
        }
        server_thaw(server); /* epoll_wait now returns EINTR (signal(7)) */
        echo_clients_run_until(&client, 1, i * client.total / INTERRUPTIONS);
    }
    echo_clients_run(&client, 1);
    client_reset(client.fd);
}
END_TEST

START_TEST(signals_that_mean_nothing_cost_no_byte)
{
    static const int signals[] = {SIGHUP, SIGPIPE, SIGWINCH, SIGURG};
    struct server_process *server = configuration_start(_i, NULL);
    struct echo_client client;

    echo_client_init(&client, client_connect(server), seed_for(3), 2 * MEBIBYTE);
    for (size_t i = 1; i <= INTERRUPTIONS; i++) {
        server_signal(server, signals[i % 4]);
        echo_clients_run_until(&client, 1, i * client.total / INTERRUPTIONS);
    }
    echo_clients_run(&client, 1);
    client_reset(client.fd);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("echo transfer");
    int count = configuration_count();

    integration_add(suite, ten_mebibytes_come_back_as_they_were_sent, count);
    integration_add(suite, a_small_receive_window_costs_no_byte, count);
    integration_add(suite, a_thousand_clients_at_once_are_all_served, count);
    integration_add(suite, a_half_closing_client_gets_everything_back_and_then_the_end, count);
    integration_add(suite, a_client_that_only_connects_and_leaves_is_no_trouble, count);
    integration_add(suite, resets_of_other_clients_cost_no_byte, count);
    integration_add(suite, standing_still_and_going_on_costs_no_byte, count);
    integration_add(suite, signals_that_mean_nothing_cost_no_byte, count);
    return integration_run(suite);
}
