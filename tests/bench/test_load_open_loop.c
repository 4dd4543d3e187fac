/* Requests that are due at fixed times, however slow the server is. */
#include "load_process.h"
#include "scripted_server.h"
#include "suite_runner.h"

#include <inttypes.h>
#include <poll.h>
#include <sys/socket.h>

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"

enum { STALL_MS = 200, TIMEOUT_S = 40 };

static struct load_process load;

static void play_hello(struct scripted_server *server, int fd)
{
    while (scripted_read_request(server, fd) && scripted_send(fd, ANSWER, sizeof ANSWER - 1)) {
    }
}

/* Once, at the fiftieth request, it stands still. */
static void play_one_stall(struct scripted_server *server, int fd)
{
    while (scripted_read_request(server, fd)) {
        if (atomic_load(&server->requests) == 50) {
            poll(NULL, 0, STALL_MS);
        }
        scripted_send(fd, ANSWER, sizeof ANSWER - 1);
    }
}

/* The tenth request gets no answer, ever. */
static void play_one_silence(struct scripted_server *server, int fd)
{
    while (scripted_read_request(server, fd)) {
        if (atomic_load(&server->requests) == 10) {
            scripted_await_end(fd);
            return;
        }
        scripted_send(fd, ANSWER, sizeof ANSWER - 1);
    }
}

/* The answer and the end of the connection in one segment, and not a word of it before. */
static void play_hello_and_end(struct scripted_server *server, int fd)
{
    if (scripted_read_request(server, fd)) {
        send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL | MSG_MORE);
        shutdown(fd, SHUT_WR);
        scripted_await_end(fd);
    }
}

static const char *const rates[][LOAD_WORDS] = {
    {"--connections=4", "--duration=300", "--rate=100"},
    {"--connections=4", "--duration=300", "--rate=1000"},
    {"--connections=1", "--duration=300", "--rate=1000000"},
};
static const uint64_t due[] = {30, 300, 300000};

START_TEST(every_request_that_was_due_is_answered_or_late)
{
    struct scripted_server server = {.play = play_hello};

    load_run_against(&load, &server, "http", rates[_i]);
    load_expect_no_error(&load);
    ck_assert_uint_eq(load_number(&load, "requests") + load_number(&load, "late"), due[_i]);
}
END_TEST

/* Of 30. A machine that is busy may leave some of the last ones late. */
START_TEST(the_others_go_on_while_one_waits)
{
    struct scripted_server server = {.play = play_one_silence};
    const char *const words[] = {"--connections=4", "--duration=300", "--rate=100", "--grace=100",
                                 NULL};

    load_run_against(&load, &server, "http", words);
    ck_assert_uint_eq(load_number(&load, "errors"), 1);
    ck_assert_uint_eq(load_number(&load, "requests") + load_number(&load, "late"), 29);
    ck_assert_uint_gt(load_number(&load, "requests"), 15);
}
END_TEST

/* Two requests, half a second apart. */
START_TEST(a_connection_that_ends_while_it_is_idle_is_no_error)
{
    struct scripted_server server = {.play = play_hello_and_end};
    const char *const words[] = {"--connections=1", "--duration=900", "--rate=2", NULL};

    load_run_against(&load, &server, "http", words);
    load_expect_no_error(&load);
    ck_assert_uint_eq(load_number(&load, "requests"), 2);
    ck_assert_int_eq(server.connections, 2);
}
END_TEST

/*
 * Of 400 requests that are due in 800 ms, 100 are due in a stall of 200 ms. The tenth part of all
 * that waits longest waits for 120 ms and more; a closed loop sends one request in that time.
 */
START_TEST(a_stall_shows_in_an_open_loop_and_hides_in_a_closed_one)
{
    static const uint64_t stall_ns = STALL_MS * (uint64_t)1000000;
    const char *const open[] = {"--connections=1", "--duration=800", "--rate=500", NULL};
    const char *const closed[] = {"--connections=1", "--duration=800", NULL};
    struct scripted_server server = {.play = play_one_stall};
    struct scripted_server again = {.play = play_one_stall};

    load_run_against(&load, &server, "http", open);
    ck_assert_uint_eq(load_number(&load, "requests") + load_number(&load, "late"), 400);
    uint64_t open_p90 = load_number(&load, "p90");
    ck_assert_uint_ge(load_number(&load, "max"), stall_ns);
    load_run_against(&load, &again, "http", closed);
    uint64_t closed_p90 = load_number(&load, "p90");
    ck_assert_uint_ge(load_number(&load, "max"), stall_ns);
    ck_assert_msg(open_p90 >= stall_ns / 4, "p90 of the open loop: %" PRIu64, open_p90);
    ck_assert_msg(closed_p90 < open_p90, "p90: %" PRIu64 " closed, %" PRIu64 " open", closed_p90,
                  open_p90);
}
END_TEST

int main(int argc, char **argv)
{
    load_process_init(argc, argv);

    Suite *suite = suite_create("load open loop");
    TCase *open_loop = tcase_create("open loop");
    tcase_set_timeout(open_loop, TIMEOUT_S);
    tcase_add_loop_test(open_loop, every_request_that_was_due_is_answered_or_late, 0,
                        (int)(sizeof rates / sizeof *rates));
    tcase_add_test(open_loop, the_others_go_on_while_one_waits);
    tcase_add_test(open_loop, a_connection_that_ends_while_it_is_idle_is_no_error);
    tcase_add_test(open_loop, a_stall_shows_in_an_open_loop_and_hides_in_a_closed_one);
    suite_add_tcase(suite, open_loop);

    return run_suite(suite);
}
