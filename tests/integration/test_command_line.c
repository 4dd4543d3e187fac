/* The options that every stage server has, and what it says when they make no sense. */
#include "client.h"
#include "integration.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The last stage has more to set than a small terminal has lines, under headings. */
enum { SCREEN_LINES = 24, HEADED_LINES = 48, SCREEN_COLUMNS = 100, WORDS_MAX = 4 };

/* A command line that makes no sense to the stages from `first_stage` on: the table's order. */
struct bad_line {
    int first_stage;
    const char *words[WORDS_MAX];
    const char *named; /* what the complaint must name */
};

static const struct bad_line bad_lines[] = {
    {1, {"--no-such-option"}, "--no-such-option"},
    {1, {"--no-such-option=1"}, "--no-such-option"},
    {1, {"--por=1"}, "--por"},
    {1, {"--ports=1"}, "--ports"},
    {1, {"--port=0", "stray"}, "stray"},
    {1, {"-p", "0"}, "-p"},
    {1, {"--"}, "--"},
    {1, {"--port"}, "--port"},
    {1, {"--port="}, "--port"},
    {1, {"--port=http"}, "--port"},
    {1, {"--port=80x"}, "--port"},
    {1, {"--port= 80"}, "--port"},
    {1, {"--port=+80"}, "--port"},
    {1, {"--port=-1"}, "--port"},
    {1, {"--port=65536"}, "--port"},
    {1, {"--port=99999999999999999999"}, "--port"},
    {1, {"--host="}, "--host"},
    {1, {"--host"}, "--host"},
    {1, {"--log-level=loud"}, "--log-level"},
    {1, {"--log-level="}, "--log-level"},
    {1, {"--drain-timeout=soon"}, "--drain-timeout"},
    {1, {"--drain-timeout=-1"}, "--drain-timeout"},
    {2, {"--dispatcher=kqueue"}, "--dispatcher"},
    {2, {"--dispatcher=EPOLL"}, "--dispatcher"},
    {2, {"--dispatcher"}, "--dispatcher"},
    {3, {"--threads=-1"}, "--threads"},
    {3, {"--threads=many"}, "--threads"},
    {3, {"--threads=1000000000"}, "--threads"},
    {3, {"--policy=random"}, "--policy"},
    {3, {"--wakeup=telephone"}, "--wakeup"},
    {4, {"--root="}, "--root"},
    {4, {"--max-head=1"}, "--max-head"},
    {4, {"--max-body=-1"}, "--max-body"},
    {4, {"--max-fields=lots"}, "--max-fields"},
    {4, {"--max-request-line="}, "--max-request-line"},
    {4, {"--max-connections=0"}, "--max-connections"},
    {4, {"--max-requests=none"}, "--max-requests"},
    {4, {"--header-timeout=0"}, "--header-timeout"},
    {4, {"--idle-timeout=3600001"}, "--idle-timeout"},
    {4, {"--stall-timeout=1s"}, "--stall-timeout"},
    {4, {"--min-body-rate=-1"}, "--min-body-rate"},
    {4, {"--min-read-rate=fast"}, "--min-read-rate"},
    {4, {"--listing=yes"}, "--listing"},
    {4, {"--workers=257"}, "--workers"},
    {4, {"--queue=0"}, "--queue"},
    {4, {"--drain-delay=later"}, "--drain-delay"},
    {4, {"--access-log="}, "--access-log"},
    {4, {"--Limits=1"}, "--Limits"},
};

/* The options and the stage that brings each, in that order. */
static const struct bad_line options[] = {
    {1, {"--help"}, "--help"},
    {1, {"--version"}, "--version"},
    {1, {"--host=127.0.0.1"}, "--host"},
    {1, {"--port=0"}, "--port"},
    {1, {"--log-level=info"}, "--log-level"},
    {1, {"--drain-timeout=1"}, "--drain-timeout"},
    {2, {"--dispatcher=poll"}, "--dispatcher"},
    {3, {"--threads=1"}, "--threads"},
    {3, {"--wakeup=eventfd"}, "--wakeup"},
    {3, {"--policy=round-robin"}, "--policy"},
    {4, {"--root=."}, "--root"},
    {4, {"--listing=on"}, "--listing"},
    {4, {"--access-log=-"}, "--access-log"},
    {4, {"--workers=1"}, "--workers"},
    {4, {"--queue=1"}, "--queue"},
    {4, {"--drain-delay=1"}, "--drain-delay"},
    {4, {"--max-connections=1"}, "--max-connections"},
    {4, {"--max-requests=1"}, "--max-requests"},
    {4, {"--header-timeout=100"}, "--header-timeout"},
    {4, {"--idle-timeout=100"}, "--idle-timeout"},
    {4, {"--stall-timeout=100"}, "--stall-timeout"},
    {4, {"--min-body-rate=1"}, "--min-body-rate"},
    {4, {"--min-read-rate=1"}, "--min-read-rate"},
};

enum {
    BAD_LINES = sizeof bad_lines / sizeof *bad_lines,
    OPTIONS = sizeof options / sizeof *options,
};

/* How many of these lines concern the stage under test: they come first. */
static int lines_of_stage(const struct bad_line lines[], int count)
{
    int stage = integration_stage()[strlen("stage")] - '0';
    int mine = 0;

    while (mine < count && lines[mine].first_stage <= stage) {
        mine++;
    }
    return mine;
}

/* Runs the server with a command line on which it must end by itself. */
static struct server_process *run(const char *const *words)
{
    return server_spawn(&(struct server_launch){.arguments = words});
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; *text != '\0'; text++) {
        lines += *text == '\n';
    }
    return lines;
}

static void expect_one_complaint(struct server_process *server, int status, const char *named)
{
    char *output = server_read_output(server);

    server_expect_exit(server, status);
    char *log = server_read_log(server);
    ck_assert_msg(count_lines(log) == 1 && strstr(log, named) != NULL,
                  "not one line that names %s:\n%s", named, log);
    ck_assert_msg(*output == '\0', "it wrote to standard output: %s", output);
    free(log);
    free(output);
}

START_TEST(a_bad_command_line_is_told_in_one_line_that_names_the_option)
{
    expect_one_complaint(run(bad_lines[_i].words), 2, bad_lines[_i].named);
}
END_TEST

START_TEST(an_option_of_a_later_stage_is_unknown)
{
    const struct bad_line *line = &options[lines_of_stage(options, OPTIONS) + _i];

    expect_one_complaint(run(line->words), 2, line->named);
}
END_TEST

START_TEST(help_fits_on_a_screen)
{
    struct server_process *server = run((const char *const[]){"--help", NULL});
    char *help = server_read_output(server);

    server_expect_exit(server, 0);
    size_t most = strcmp(integration_stage(), "stage4") == 0 ? HEADED_LINES : SCREEN_LINES;
    ck_assert_msg(count_lines(help) <= most, "%zu lines", count_lines(help));
    for (char *line = strtok(help, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        ck_assert_msg(strlen(line) <= SCREEN_COLUMNS, "%zu columns: %s", strlen(line), line);
    }
    free(help);
}
END_TEST

START_TEST(help_names_every_option)
{
    struct server_process *server = run((const char *const[]){"--help", NULL});
    char *help = server_read_output(server);

    server_expect_exit(server, 0);
    for (int i = 0; i < lines_of_stage(options, OPTIONS); i++) {
        ck_assert_msg(strstr(help, options[i].named) != NULL, "no %s in:\n%s", options[i].named,
                      help);
    }
    free(help);
}
END_TEST

START_TEST(version_says_name_and_number)
{
    struct server_process *server = run((const char *const[]){"--version", NULL});
    char *version = server_read_output(server);

    server_expect_exit(server, 0);
    ck_assert_uint_eq(count_lines(version), 1);
    ck_assert_ptr_nonnull(strstr(version, integration_stage()));
    ck_assert_ptr_nonnull(strstr(version, REACTOR_LAB_VERSION));
    free(version);
}
END_TEST

START_TEST(a_port_in_use_is_told_in_one_line)
{
    struct server_process *first = server_start(&(struct server_launch){0});
    char port[32];

    snprintf(port, sizeof port, "--port=%u", first->port);
    expect_one_complaint(run((const char *const[]){port, NULL}), 1, port + strlen("--port="));
    close(client_connect(first));
}
END_TEST

START_TEST(an_address_that_is_not_ours_is_told_in_one_line)
{
    /* 192.0.2.0/24 is kept for examples (RFC 5737): no machine has it. */
    const char *const words[] = {"--host=192.0.2.1", "--port=0", NULL};

    expect_one_complaint(run(words), 1, "192.0.2.1");
}
END_TEST

/* What --host may be, and how the address is then announced. */
static const struct {
    const char *option;
    const char *announced;
} hosts[] = {
    {NULL, "127.0.0.1:"},
    {"--host=127.0.0.1", "127.0.0.1:"},
    {"--host=127.0.0.2", "127.0.0.2:"},
    {"--host=::1", "[::1]:"},
    {"--host=localhost", ":"},
};

/* A machine may have IPv6 turned off. */
static bool has_address(const char *option)
{
    return option == NULL || strcmp(option, "--host=::1") != 0 ||
           access("/proc/net/if_inet6", F_OK) == 0;
}

START_TEST(it_listens_where_host_says)
{
    const char *const words[] = {hosts[_i].option, NULL};

    if (!has_address(hosts[_i].option)) {
        return;
    }
    struct server_process *server = server_start(&(struct server_launch){.arguments = words});

    ck_assert_msg(strstr(server->announcement, hosts[_i].announced) != NULL,
                  "it says '%s', which has no '%s'", server->announcement, hosts[_i].announced);
    ck_assert_uint_gt(server->port, 0);
    int fd = client_connect(server);
    client_finish_sending(fd);
    client_expect_end(fd);
}
END_TEST

START_TEST(a_value_may_be_a_word_of_its_own)
{
    const char *const words[] = {"--host", "127.0.0.3", "--log-level", "error", NULL};
    struct server_process *server = server_start(&(struct server_launch){.arguments = words});

    ck_assert_ptr_nonnull(strstr(server->announcement, "127.0.0.3"));
}
END_TEST

START_TEST(the_log_level_decides_what_is_said)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    static const bool ending_is_told[] = {false, false, true, true};

    for (size_t i = 0; i < 4; i++) {
        const char *const words[] = {"--log-level", levels[i], NULL};
        struct server_process *server = server_start(&(struct server_launch){.arguments = words});
        int fd = client_connect(server);
        client_finish_sending(fd);
        client_expect_end(fd);
        server_signal(server, SIGTERM);
        server_expect_exit(server, 0);
        ck_assert_uint_eq(server_log_count(server, "ending"), ending_is_told[i]);
        ck_assert_msg((server_log_count(server, " debug ") > 0) == (i == 3), "level %s", levels[i]);
    }
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);

    Suite *suite = integration_suite("command line");

    integration_add(suite, a_bad_command_line_is_told_in_one_line_that_names_the_option,
                    lines_of_stage(bad_lines, BAD_LINES));
    integration_add(suite, an_option_of_a_later_stage_is_unknown,
                    OPTIONS - lines_of_stage(options, OPTIONS));
    integration_add(suite, help_fits_on_a_screen, 1);
    integration_add(suite, help_names_every_option, 1);
    integration_add(suite, version_says_name_and_number, 1);
    integration_add(suite, a_port_in_use_is_told_in_one_line, 1);
    integration_add(suite, an_address_that_is_not_ours_is_told_in_one_line, 1);
    integration_add(suite, it_listens_where_host_says, sizeof hosts / sizeof *hosts);
    integration_add(suite, a_value_may_be_a_word_of_its_own, 1);
    integration_add(suite, the_log_level_decides_what_is_said, 1);
    return integration_run(suite);
}
