/* A client that sends and does not read is stopped, costs bounded memory, and loses nothing. */
#include "client.h"
#include "configurations.h"
#include "echo_traffic.h"
#include "integration.h"
#include "proc_status.h"

enum {
    SMALL_BUFFER = 64 * 1024,
    OTHERS = 8,
    SLOW_CLIENTS = 4,
    /* The high-water mark is 256 KiB; the loop's own memory comes on top. Far less than is sent. */
    MEMORY_OF_ONE_KIB = 2 * 1024,
};

static void connect_others(const struct server_process *server, int others[static OTHERS])
{
    for (int i = 0; i < OTHERS; i++) {
        others[i] = client_connect(server);
        client_round_trip(others[i]);
    }
}

START_TEST(a_client_that_does_not_read_is_stopped_while_others_are_served)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct echo_client slow;
    int others[OTHERS];

    connect_others(server, others);
    echo_client_init(&slow, client_connect_with_buffers(server, SMALL_BUFFER, SMALL_BUFFER),
                     seed_for(1), 0);
    echo_client_send_until_stopped(&slow, others, OTHERS);
    for (int i = 0; i < OTHERS; i++) {
        client_round_trip(others[i]);
    }
    client_finish_sending(slow.fd);
    echo_clients_run(&slow, 1);
    client_expect_end(slow.fd);
    clients_reset(others, OTHERS);
}
END_TEST

START_TEST(what_is_not_read_does_not_pile_up_in_memory)
{
    struct server_process *server = configuration_start(_i, NULL);
    struct echo_client slow[SLOW_CLIENTS];
    int others[OTHERS];

    connect_others(server, others);
    long before = proc_status_value(server->pid, "VmRSS");
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        int fd = client_connect_with_buffers(server, SMALL_BUFFER, SMALL_BUFFER);
        echo_client_init(&slow[i], fd, seed_for((uint64_t)i), 0);
        echo_client_send_until_stopped(&slow[i], others, OTHERS);
    }
    long grown = proc_status_value(server->pid, "VmRSS") - before;
    /* A sanitizer keeps freed memory back, so there the size says nothing. */
    ck_assert_msg(built_with_sanitizer() || grown < SLOW_CLIENTS * MEMORY_OF_ONE_KIB,
                  "%d clients that do not read made the server grow by %ld KiB", SLOW_CLIENTS,
                  grown);
    echo_clients_run(slow, SLOW_CLIENTS);
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        client_reset(slow[i].fd);
    }
    clients_reset(others, OTHERS);
}
END_TEST

START_TEST(a_stopped_client_that_resets_is_forgotten)
{
    struct server_process *server = configuration_start(_i, NULL);
    size_t descriptors = proc_descriptor_count(server->pid);
    struct echo_client slow;
    int others[OTHERS];

    connect_others(server, others);
    echo_client_init(&slow, client_connect_with_buffers(server, SMALL_BUFFER, SMALL_BUFFER),
                     seed_for(2), 0);
    echo_client_send_until_stopped(&slow, others, OTHERS);
    client_reset(slow.fd);
    await(proc_descriptor_count(server->pid) == descriptors + OTHERS,
          "the server closes the reset one");
    client_round_trip(others[0]);
    clients_reset(others, OTHERS);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("echo pressure");
    int count = configuration_count();

    integration_add(suite, a_client_that_does_not_read_is_stopped_while_others_are_served, count);
    integration_add(suite, what_is_not_read_does_not_pile_up_in_memory, count);
    integration_add(suite, a_stopped_client_that_resets_is_forgotten, count);
    return integration_run(suite);
}
