/* --threads=N: what the kernel, and with it `top -H`, sees of the pool. */
#include "client.h"
#include "integration.h"
#include "proc_status.h"

#include <stdio.h>
#include <string.h>

enum { CLIENTS_PER_THREAD = 2, THREADS_MAX = 8 };

START_TEST(every_sub_reactor_is_a_thread_with_its_name)
{
    static const int counts[] = {0, 1, 4, THREADS_MAX};
    int threads = counts[_i];
    char option[32];

    snprintf(option, sizeof option, "--threads=%d", threads);
    /* Stage 4 has workers beside its loops. */
    bool has_workers = strcmp(integration_stage(), "stage4") == 0;
    const char *const words[] = {option, has_workers ? "--workers=0" : NULL, NULL};
    struct server_process *server = server_start(&(struct server_launch){.arguments = words});
    for (int i = 0; i < THREADS_MAX + 1; i++) {
        char name[32];
        snprintf(name, sizeof name, "sub-reactor-%d", i);
        size_t found = proc_threads_named(server->pid, name);
        ck_assert_msg(found == (i < threads), "%zu threads are named %s", found, name);
    }
    /* A sanitizer may add threads of its own. */
    long all = proc_status_value(server->pid, "Threads");
    ck_assert_msg(all == threads + 1 || (built_with_sanitizer() && all > threads), "%ld threads",
                  all);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("thread names");

    integration_add(suite, every_sub_reactor_is_a_thread_with_its_name, 4);
    return integration_run(suite);
}
