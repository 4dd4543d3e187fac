#include "acceptor.h"
#include "loop_steps.h"
#include "net.h"
#include "poll_dispatcher.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CLIENTS = 64, MOST_PAUSES = 8 };

static struct event_loop *loop;
static struct acceptor acceptor;
static int listen_fd;
static int clients[MOST_CLIENTS];
static int accepted[MOST_CLIENTS];
static int accepted_count;
static int pauses[MOST_PAUSES]; /* the errors, in the order of the calls */
static int pause_count;

static void on_connection(struct acceptor *which, int fd)
{
    ck_assert_ptr_eq(which, &acceptor);
    ck_assert_int_lt(accepted_count, MOST_CLIENTS);
    accepted[accepted_count++] = fd;
}

static void on_pause(struct acceptor *which, int error)
{
    ck_assert_ptr_eq(which, &acceptor);
    ck_assert_int_lt(pause_count, MOST_PAUSES);
    pauses[pause_count++] = error;
}

static const struct acceptor_callbacks callbacks = {
    .on_connection = on_connection,
    .on_pause = on_pause,
};

static void open_listener(void)
{
    loop = loop_steps_create(&poll_dispatcher);
    listen_fd = net_listen("127.0.0.1", 0);
    ck_assert_int_ge(listen_fd, 0);
}

static void setup(void)
{
    open_listener();
    ck_assert_int_eq(acceptor_init(&acceptor, loop, listen_fd, &callbacks), 0);
}

static void teardown(void)
{
    for (int i = 0; i < accepted_count; i++) {
        close(accepted[i]);
    }
    event_loop_destroy(loop);
}

/* When connect returns, the connection is in the queue of the listening socket. */
static void clients_connect(int count)
{
    for (int i = 0; i < count; i++) {
        clients[i] = tcp_connect_to(listen_fd);
    }
}

START_TEST(a_client_is_accepted_and_handed_over)
{
    char byte;

    clients_connect(1);
    one_batch(loop);
    ck_assert_int_eq(accepted_count, 1);
    peer_sends(accepted[0], "x", 1);
    peer_reads(clients[0], &byte, 1);
    ck_assert_int_eq(byte, 'x');
    ck_assert_int_eq(batch_ready_now(loop), 0);
    acceptor_finish(&acceptor);
}
END_TEST

/* The others on the loop have their turn in between, and no accept finds the queue empty. */
START_TEST(a_turn_takes_one)
{
    clients_connect(3);
    one_batch(loop);
    ck_assert_int_eq(accepted_count, 1);
    several_batches(loop, 2);
    ck_assert_int_eq(accepted_count, 3);
    ck_assert_int_eq(batch_ready_now(loop), 0);
    acceptor_finish(&acceptor);
}
END_TEST

START_TEST(a_spurious_readiness_accepts_nobody)
{
    acceptor.channel.on_read(&acceptor.channel);
    ck_assert_int_eq(accepted_count, 0);
    ck_assert_int_eq(pause_count, 0);
    acceptor_finish(&acceptor);
}
END_TEST

/* A client waits, and there is no descriptor for it. */
static unsigned long run_out_of_descriptors(int client_count)
{
    clients_connect(client_count);
    unsigned long limit = exhaust_descriptors();
    one_batch(loop);
    return limit;
}

START_TEST(without_a_descriptor_accepting_pauses_and_the_loop_sleeps)
{
    unsigned long limit = run_out_of_descriptors(1);

    ck_assert_int_eq(accepted_count, 0);
    ck_assert_int_eq(pause_count, 1);
    ck_assert_int_eq(pauses[0], EMFILE);
    ck_assert_msg(batch_ready_now(loop) == 0, "the waiting client makes the loop spin");
    restore_descriptors(limit);
    acceptor_finish(&acceptor);
}
END_TEST

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

START_TEST(a_pause_is_told_once_and_costs_two_batches_a_retry)
{
    enum { RETRIES = 3 };
    unsigned long limit = run_out_of_descriptors(1);
    int64_t start = now_ms();

    for (int i = 0; i < RETRIES; i++) {
        one_batch(loop); /* the timer */
        one_batch(loop); /* the client that still cannot be taken */
    }
    int64_t elapsed = now_ms() - start;
    restore_descriptors(limit);
    ck_assert_msg(elapsed >= RETRIES * 100 - 50, "expected %d retries to take %d ms, got %d",
                  RETRIES, RETRIES * 100, (int)elapsed);
    ck_assert_int_eq(pause_count, 1);
    ck_assert_int_eq(accepted_count, 0);
    acceptor_finish(&acceptor);
}
END_TEST

START_TEST(accepting_goes_on_by_itself_and_says_so_once)
{
    enum { COUNT = 5 };
    unsigned long limit = run_out_of_descriptors(COUNT);

    restore_descriptors(limit);
    batches_until(loop, accepted_count == COUNT);
    ck_assert_int_eq(pause_count, 2);
    ck_assert_int_eq(pauses[1], 0);
    ck_assert_msg(!timer_is_armed(&acceptor.retry), "the retries go on though accepting does, too");
    ck_assert_int_eq(batch_ready_now(loop), 0);
    acceptor_finish(&acceptor);
}
END_TEST

START_TEST(a_second_shortage_is_a_second_pause)
{
    unsigned long limit = run_out_of_descriptors(1);

    restore_descriptors(limit);
    batches_until(loop, accepted_count == 1);
    limit = run_out_of_descriptors(1);
    ck_assert_int_eq(pause_count, 3);
    ck_assert_int_eq(pauses[2], EMFILE);
    restore_descriptors(limit);
    batches_until(loop, accepted_count == 2);
    ck_assert_int_eq(pause_count, 4);
    acceptor_finish(&acceptor);
}
END_TEST

START_TEST(a_retry_that_cannot_set_the_interest_tries_again)
{
    unsigned long limit = run_out_of_descriptors(1);

    restore_descriptors(limit);
    loop_steps_fail_update(ENOMEM);
    one_batch(loop);
    one_batch(loop);
    ck_assert_int_eq(accepted_count, 0);
    loop_steps_fail_update(0);
    batches_until(loop, accepted_count == 1);
    acceptor_finish(&acceptor);
}
END_TEST

START_TEST(a_socket_that_only_fails_is_paused_and_does_not_make_the_loop_spin)
{
    enum { PATIENCE = 200 };
    int batches = 0;

    /* Linux: a listening socket that was shut down is readable for ever, and accept says EINVAL. */
    ck_assert_int_eq(shutdown(listen_fd, SHUT_RDWR), 0);
    while (pause_count == 0 && batches < PATIENCE) {
        one_batch(loop);
        batches++;
    }
    ck_assert_int_eq(pause_count, 1);
    ck_assert_int_eq(pauses[0], EINVAL);
    ck_assert_msg(batch_ready_now(loop) == 0, "the broken socket makes the loop spin");
    acceptor_finish(&acceptor);
}
END_TEST

START_TEST(finish_accepts_everybody_in_the_queue_and_closes)
{
    enum { COUNT = 40 };
    int timer_fd = acceptor.retry.channel.fd;
    struct sockaddr_storage address;
    socklen_t length = sizeof address;

    ck_assert_int_eq(getsockname(listen_fd, (struct sockaddr *)&address, &length), 0);
    clients_connect(COUNT);
    acceptor_finish(&acceptor);
    ck_assert_int_eq(accepted_count, COUNT);
    ck_assert(!descriptor_is_open(timer_fd));
    ck_assert(!descriptor_is_open(listen_fd));
    int late = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(late, (struct sockaddr *)&address, length), -1);
    ck_assert_int_eq(errno, ECONNREFUSED);
    close(late);
    ck_assert_int_eq(batch_ready_now(loop), 0);
}
END_TEST

START_TEST(finish_ends_even_without_a_descriptor)
{
    unsigned long limit = run_out_of_descriptors(1);

    acceptor_finish(&acceptor);
    restore_descriptors(limit);
    ck_assert(!descriptor_is_open(listen_fd));
    ck_assert_int_eq(accepted_count, 0);
    ck_assert_int_eq(batch_ready_now(loop), 0);
}
END_TEST

/* `_i` channels can be registered, and then no more: first the timer fails, then the socket. */
START_TEST(a_failed_init_leaves_the_listening_socket_to_the_caller)
{
    open_listener();
    int before = open_descriptors();
    loop_steps_fail_add(_i, ENOMEM);
    ck_assert_int_eq(acceptor_init(&acceptor, loop, listen_fd, &callbacks), -ENOMEM);
    ck_assert(descriptor_is_open(listen_fd));
    ck_assert_int_eq(open_descriptors(), before);
    clients_connect(1);
    ck_assert_int_eq(batch_ready_now(loop), 0);
    ck_assert_int_eq(accepted_count, 0);
    close(listen_fd);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("acceptor");

    TCase *accepting = tcase_create("accepting");
    tcase_add_checked_fixture(accepting, setup, teardown);
    tcase_add_test(accepting, a_client_is_accepted_and_handed_over);
    tcase_add_test(accepting, a_turn_takes_one);
    tcase_add_test(accepting, a_spurious_readiness_accepts_nobody);
    suite_add_tcase(suite, accepting);

    TCase *shortage = tcase_create("shortage");
    tcase_add_checked_fixture(shortage, setup, teardown);
    tcase_add_test(shortage, without_a_descriptor_accepting_pauses_and_the_loop_sleeps);
    tcase_add_test(shortage, a_pause_is_told_once_and_costs_two_batches_a_retry);
    tcase_add_test(shortage, accepting_goes_on_by_itself_and_says_so_once);
    tcase_add_test(shortage, a_second_shortage_is_a_second_pause);
    tcase_add_test(shortage, a_socket_that_only_fails_is_paused_and_does_not_make_the_loop_spin);
    tcase_add_test(shortage, a_retry_that_cannot_set_the_interest_tries_again);
    suite_add_tcase(suite, shortage);

    TCase *ending = tcase_create("ending");
    tcase_add_checked_fixture(ending, setup, teardown);
    tcase_add_test(ending, finish_accepts_everybody_in_the_queue_and_closes);
    tcase_add_test(ending, finish_ends_even_without_a_descriptor);
    suite_add_tcase(suite, ending);

    TCase *failing = tcase_create("failing");
    tcase_add_loop_test(failing, a_failed_init_leaves_the_listening_socket_to_the_caller, 0, 2);
    suite_add_tcase(suite, failing);
    return run_suite(suite);
}
