/*
 * Ten thousand clients that are as slow as they can be, and one that is not: it notices nothing.
 * Then all of them are told 408, and the server is as it was before.
 */
#include "client.h"
#include "http_client.h"
#include "integration.h"
#include "proc_status.h"
#include "slow_crowd.h"

#include <stdio.h>
#include <sys/resource.h>

enum {
    CROWD = 10000,
    CROWD_LEAST = 1000,
    OTHER_DESCRIPTORS = 200, /* of the server and of the crowd's process, beside the clients */
    REQUESTS = 2000,
    MEASUREMENTS = 5,
    DEARER_AT_MOST = 3,
    SLACK_KIB = 2048,
};

static size_t crowd_size(void)
{
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    size_t most = built_with_sanitizer() ? CROWD_LEAST : CROWD;
    size_t fits = limit.rlim_max > OTHER_DESCRIPTORS ? limit.rlim_max - OTHER_DESCRIPTORS : 0;
    size_t size = fits < most ? fits : most;
    printf("%zu slow clients (the hard limit of descriptors is %lu)\n", size,
           (unsigned long)limit.rlim_max);
    fflush(stdout);
    ck_assert_msg(size >= CROWD_LEAST, "too few descriptors for a crowd");
    return size;
}

/* Processor time of the server for so many requests, one after the other: the best of several. */
static int64_t cost_of_requests(const struct server_process *server, struct http_client *client)
{
    int64_t best = INT64_MAX;

    for (int i = 0; i < MEASUREMENTS; i++) {
        int64_t before = proc_cpu_ns(server->pid);
        for (int j = 0; j < REQUESTS; j++) {
            http_ask(client, "GET", "/hello");
            http_expect(client, 200);
        }
        int64_t cost = proc_cpu_ns(server->pid) - before;
        best = cost < best ? cost : best;
    }
    return best;
}

static long resident_kib(const struct server_process *server)
{
    return proc_status_value(server->pid, "VmRSS");
}

static void await_alone(struct http_client *client)
{
    await(http_status_value(client, "open_connections") == 1, "the crowd is gone");
}

START_TEST(a_slow_crowd_costs_the_others_nothing_and_leaves_nothing_behind)
{
    static const char *const words[] = {"--threads=1", "--max-connections=20000",
                                        "--header-timeout=8000", NULL};
    struct server_process *server = server_start(&(struct server_launch){.arguments = words});
    size_t size = crowd_size();
    struct http_client client;

    http_connect(&client, server);
    int64_t alone = cost_of_requests(server, &client);
    size_t descriptors = proc_descriptor_count(server->pid);

    struct slow_crowd crowd = slow_crowd_start(server, size);
    await(http_status_value(&client, "open_connections") == size + 1, "all have been accepted");
    int64_t crowded = cost_of_requests(server, &client);
    ck_assert_uint_eq(http_status_value(&client, "open_connections"), size + 1);
    printf("%d requests cost %lld us alone and %lld us beside the crowd\n", REQUESTS,
           (long long)alone / 1000, (long long)crowded / 1000);
    fflush(stdout);
    ck_assert_msg(crowded <= DEARER_AT_MOST * alone, "%lld ns for %d requests, alone %lld",
                  (long long)crowded, REQUESTS, (long long)alone);
    ck_assert_uint_eq(slow_crowd_await_408(&crowd), size);
    await_alone(&client);
    ck_assert_uint_eq(proc_descriptor_count(server->pid), descriptors);
    ck_assert_uint_eq(http_status_value(&client, "timeouts"), size);

    long resident = resident_kib(server);
    crowd = slow_crowd_start(server, size);
    slow_crowd_leave(&crowd);
    await_alone(&client);
    ck_assert_uint_eq(proc_descriptor_count(server->pid), descriptors);
    long grown = resident_kib(server) - resident;
    ck_assert_msg(built_with_sanitizer() || grown <= resident / 10 + SLACK_KIB,
                  "a second crowd adds %ld KiB to %ld", grown, resident);
    http_disconnect(&client);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("HTTP slow crowd");

    integration_add(suite, a_slow_crowd_costs_the_others_nothing_and_leaves_nothing_behind, 1);
    return integration_run(suite);
}
