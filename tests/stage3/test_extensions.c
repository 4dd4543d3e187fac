/* What a main of five lines adds to a real stage server is there, and takes effect. */
#include "client.h"
#include "integration.h"
#include "proc_status.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OWN_THREADS = 3, CLIENTS = 12 };

/* The words that choose all that the extensions bring. */
#define CHOSEN "--dispatcher=counting-poll", "--wakeup=counting-eventfd", "--policy=last-loop"

static struct server_process *start(const char *const *words)
{
    return server_start(&(struct server_launch){.arguments = words});
}

static size_t named_sub_reactors(const struct server_process *server)
{
    size_t count = 0;
    char name[32];

    do {
        snprintf(name, sizeof name, "sub-reactor-%zu", count);
    } while (proc_threads_named(server->pid, name) == 1 && ++count < 100);
    return count;
}

/* A connection that the server has taken on and closed: what it did for it is done. */
static void visit(const struct server_process *server)
{
    int fd = client_connect(server);

    client_finish_sending(fd);
    client_expect_end(fd);
}

struct report {
    unsigned dispatchers;
    unsigned waits;
    unsigned wakes;
    unsigned choices;
};

/* Ends the server and reads what the extensions say they were asked to do. */
static struct report end_and_read_report(struct server_process *server)
{
    struct report report = {0};

    server_signal(server, SIGTERM);
    server_expect_exit(server, 0);
    char *log = server_read_log(server);
    const char *line = strstr(log, "extensions: ");
    ck_assert_msg(line != NULL, "no report of the extensions in:\n%s", log);
    int read = sscanf(line, "extensions: %u dispatchers, %u waits, %u wakes, %u choices",
                      &report.dispatchers, &report.waits, &report.wakes, &report.choices);
    ck_assert_msg(read == 4, "not a report: %s", line);
    free(log);
    return report;
}

START_TEST(the_extensions_thread_count_is_the_default)
{
    struct server_process *server = start(NULL);

    ck_assert_uint_eq(named_sub_reactors(server), OWN_THREADS);
}
END_TEST

START_TEST(threads_on_the_command_line_overrule_it)
{
    struct server_process *server = start((const char *const[]){"--threads=1", NULL});

    ck_assert_uint_eq(named_sub_reactors(server), 1);
}
END_TEST

START_TEST(the_extensions_dispatcher_serves_every_loop)
{
    struct server_process *server = start((const char *const[]){CHOSEN, NULL});

    visit(server);
    struct report report = end_and_read_report(server);
    ck_assert_uint_eq(report.dispatchers, 1 + OWN_THREADS);
    ck_assert_uint_gt(report.waits, report.dispatchers);
}
END_TEST

START_TEST(the_extensions_policy_places_every_connection)
{
    struct server_process *server = start((const char *const[]){CHOSEN, "--log-level=debug", NULL});

    for (int i = 0; i < CLIENTS; i++) {
        visit(server);
    }
    struct report report = end_and_read_report(server);
    ck_assert_uint_eq(report.choices, CLIENTS);
    ck_assert_uint_eq(server_log_count(server, "[sub-reactor-2] new connection:"), CLIENTS);
    ck_assert_uint_eq(server_log_count(server, "[sub-reactor-0] new connection:"), 0);
    ck_assert_uint_eq(server_log_count(server, "[sub-reactor-1] new connection:"), 0);
}
END_TEST

START_TEST(the_extensions_wakeup_wakes_the_loops)
{
    struct server_process *server = start((const char *const[]){CHOSEN, NULL});

    for (int i = 0; i < CLIENTS; i++) {
        visit(server);
    }
    /* Each visit found a loop asleep and an empty list. */
    ck_assert_uint_ge(end_and_read_report(server).wakes, CLIENTS);
}
END_TEST

START_TEST(what_the_extensions_bring_is_not_used_unless_chosen)
{
    struct server_process *server = start(NULL);

    visit(server);
    struct report report = end_and_read_report(server);
    ck_assert_uint_eq(report.dispatchers, 0);
    ck_assert_uint_eq(report.wakes, 0);
    ck_assert_uint_eq(report.choices, 0);
}
END_TEST

static void expect_listed(const char *help, const char *text)
{
    ck_assert_msg(strstr(help, text) != NULL, "no '%s' in:\n%s", text, help);
}

START_TEST(help_lists_what_the_extensions_bring_behind_the_built_in_ones)
{
    struct server_process *server =
        server_spawn(&(struct server_launch){.arguments = (const char *const[]){"--help", NULL}});
    char *help = server_read_output(server);

    server_expect_exit(server, 0);
    expect_listed(help, ": epoll, poll, select, counting-poll (epoll)\n");
    expect_listed(help, ": socketpair, eventfd, counting-eventfd (socketpair)\n");
    expect_listed(help, ": round-robin, last-loop (round-robin)\n");
    expect_listed(help, "(3 here)");
    free(help);
}
END_TEST

START_TEST(a_name_that_is_built_in_already_or_a_wild_count_ends_it_with_one_line)
{
    static const char *const mistakes[] = {"clash=dispatcher", "clash=wakeup", "clash=policy",
                                           "count=-1", "count=257"};
    const char *const words[] = {mistakes[_i], "--port=0", NULL};
    struct server_process *server = server_spawn(&(struct server_launch){.arguments = words});
    char *output = server_read_output(server);

    server_expect_exit(server, 2);
    ck_assert_str_eq(output, "");
    /* One line, and it is about the extensions. */
    ck_assert_uint_eq(server_log_count(server, ""), 1);
    ck_assert_uint_eq(server_log_count(server, "the extensions: "), 1);
    free(output);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("extensions");

    integration_add(suite, the_extensions_thread_count_is_the_default, 1);
    integration_add(suite, threads_on_the_command_line_overrule_it, 1);
    integration_add(suite, the_extensions_dispatcher_serves_every_loop, 1);
    integration_add(suite, the_extensions_policy_places_every_connection, 1);
    integration_add(suite, the_extensions_wakeup_wakes_the_loops, 1);
    integration_add(suite, what_the_extensions_bring_is_not_used_unless_chosen, 1);
    integration_add(suite, help_lists_what_the_extensions_bring_behind_the_built_in_ones, 1);
    integration_add(suite, a_name_that_is_built_in_already_or_a_wild_count_ends_it_with_one_line,
                    5);
    return integration_run(suite);
}
