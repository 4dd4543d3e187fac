/* The mode idle: a crowd of connections that stays until it is told to go. */
#include "load_process.h"
#include "scripted_server.h"
#include "suite_runner.h"

#include <poll.h>
#include <semaphore.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD "Content-Length: 6\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\n" HEAD "\r\nhello\n"

enum { CROWD = 20, TIMEOUT_S = 40 };

static struct load_process load;
static sem_t leave; /* for connections: to be closed, or to be answered */
static sem_t left;

static void play_text(struct scripted_server *server, int fd)
{
    while (scripted_read_request(server, fd) &&
           scripted_send(fd, server->text, strlen(server->text))) {
    }
}

static void play_end_on_demand(struct scripted_server *server, int fd)
{
    (void)server;
    if (sem_trywait(&leave) == 0) {
        shutdown(fd, SHUT_WR);
        scripted_await_end(fd);
        sem_post(&left);
    }
    scripted_await_end(fd);
}

START_TEST(a_crowd_is_ready_when_all_have_been_answered_and_stays_until_its_input_ends)
{
    struct scripted_server server = {.play = play_text, .text = ANSWER};
    const char *const words[] = {"--connections=20", "--path=/x", NULL};
    char line[LOAD_OUTPUT];

    scripted_server_start(&server);
    load_start(&load, "idle", server.port, words);
    load_read_line(&load, line);
    ck_assert_str_eq(line, "ready\n");
    ck_assert_int_eq(server.connections, CROWD);
    ck_assert_int_eq(server.requests, CROWD);
    load_wait(&load);
    scripted_server_stop(&server);
    ck_assert_int_eq(load.status, 0);
    ck_assert_uint_eq(load_number(&load, "requests"), CROWD);
    ck_assert_uint_eq(load_number(&load, "open"), CROWD);
    ck_assert_uint_eq(load_number(&load, "errors"), 0);
}
END_TEST

static void play_text_on_demand(struct scripted_server *server, int fd)
{
    if (scripted_read_request(server, fd) && sem_wait(&leave) == 0) {
        scripted_send(fd, server->text, strlen(server->text));
        scripted_await_end(fd);
    }
}

START_TEST(a_crowd_is_not_ready_before_the_last_has_been_answered)
{
    struct scripted_server server = {.play = play_text_on_demand, .text = ANSWER};
    const char *const words[] = {"--connections=20", "--path=/x", NULL};
    char line[LOAD_OUTPUT];

    ck_assert_int_eq(sem_init(&leave, 0, CROWD - 1), 0);
    scripted_server_start(&server);
    load_start(&load, "idle", server.port, words);
    /* It would be there within a millisecond; the test is as good if it is not. */
    struct pollfd output = {.fd = load.output, .events = POLLIN};
    ck_assert_msg(poll(&output, 1, 100) == 0, "ready, and one has no answer yet");
    sem_post(&leave);
    load_read_line(&load, line);
    ck_assert_str_eq(line, "ready\n");
    load_wait(&load);
    scripted_server_stop(&server);
    ck_assert_int_eq(load.status, 0);
}
END_TEST

START_TEST(without_a_path_a_crowd_says_nothing_at_all)
{
    struct scripted_server server = {.play = play_text, .text = ANSWER};
    const char *const words[] = {"--connections=20", NULL};
    char line[LOAD_OUTPUT];

    scripted_server_start(&server);
    load_start(&load, "idle", server.port, words);
    load_read_line(&load, line);
    ck_assert_str_eq(line, "ready\n");
    load_wait(&load);
    scripted_server_stop(&server);
    ck_assert_int_eq(load.status, 0);
    ck_assert_int_eq(server.requests, 0);
    ck_assert_uint_eq(load_number(&load, "open"), CROWD);
}
END_TEST

START_TEST(who_was_sent_away_meanwhile_is_not_open_at_the_end)
{
    struct scripted_server server = {.play = play_end_on_demand};
    const char *const words[] = {"--connections=20", NULL};
    char line[LOAD_OUTPUT];

    ck_assert_int_eq(sem_init(&leave, 0, 3), 0);
    ck_assert_int_eq(sem_init(&left, 0, 0), 0);
    scripted_server_start(&server);
    load_start(&load, "idle", server.port, words);
    load_read_line(&load, line);
    for (int i = 0; i < 3; i++) {
        sem_wait(&left); /* The other side has closed, too. */
    }
    load_wait(&load);
    scripted_server_stop(&server);
    ck_assert_uint_eq(load_number(&load, "open"), CROWD - 3);
}
END_TEST

static void play_text_and_end(struct scripted_server *server, int fd)
{
    if (scripted_read_request(server, fd)) {
        scripted_send(fd, server->text, strlen(server->text));
    }
}

static const struct {
    void (*play)(struct scripted_server *server, int fd);
    const char *text;
} refusals[] = {
    {play_text, "HTTP/1.1 503 No\r\n" HEAD "\r\nhello\n"},
    {play_text, "HTTP/1.1 200 OK\r\nConnection: close\r\n" HEAD "\r\nhello\n"},
    {play_text_and_end, "HTTP/1.1 200 OK\r\nConnection: close\r\n" HEAD "\r\nhello\n"},
    {play_text, "hello\n"},
    {play_text, ""},
};

START_TEST(a_crowd_that_is_not_complete_is_never_ready)
{
    struct scripted_server server = {.play = refusals[_i].play, .text = refusals[_i].text};
    const char *const words[] = {"--connections=20", "--path=/x", "--grace=100", NULL};

    scripted_server_start(&server);
    load_start(&load, "idle", server.port, words);
    load_wait(&load);
    scripted_server_stop(&server);
    ck_assert_int_eq(load.status, 1);
    ck_assert_ptr_null(strstr(load.out, "ready"));
    ck_assert_uint_gt(load_number(&load, "errors"), 0);
}
END_TEST

START_TEST(more_connections_than_descriptors_are_allowed_is_status_1_and_one_line)
{
    struct scripted_server server = {.play = play_text, .text = ANSWER};
    const char *const words[] = {"--connections=100", NULL};
    struct rlimit limit = {.rlim_cur = 100, .rlim_max = 100};

    scripted_server_start(&server);
    /* The program inherits it. */
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    load_run_to_end(&load, "idle", server.port, words);
    scripted_server_stop(&server);
    ck_assert_int_eq(load.status, 1);
    ck_assert_str_eq(load.out, "");
    ck_assert_str_eq(load.err,
                     "load: 100 connections need 132 descriptors, and only 100 are allowed\n");
}
END_TEST

int main(int argc, char **argv)
{
    load_process_init(argc, argv);

    Suite *suite = suite_create("load crowd");

    TCase *crowd = tcase_create("crowd");
    tcase_set_timeout(crowd, TIMEOUT_S);
    tcase_add_test(crowd,
                   a_crowd_is_ready_when_all_have_been_answered_and_stays_until_its_input_ends);
    tcase_add_test(crowd, a_crowd_is_not_ready_before_the_last_has_been_answered);
    tcase_add_test(crowd, without_a_path_a_crowd_says_nothing_at_all);
    tcase_add_test(crowd, who_was_sent_away_meanwhile_is_not_open_at_the_end);
    tcase_add_loop_test(crowd, a_crowd_that_is_not_complete_is_never_ready, 0,
                        (int)(sizeof refusals / sizeof *refusals));
    tcase_add_test(crowd, more_connections_than_descriptors_are_allowed_is_status_1_and_one_line);
    suite_add_tcase(suite, crowd);
    return run_suite(suite);
}
