/* The grader of S2-stale-event, the part that has real sockets and asks the real kernel. */
#include "check_players.h"
#include "grader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char LEVEL[] = "who is still ready is called in each turn (contract, 2)";

static struct player newcomer;

static void open_pair(int ret_pair[2])
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret_pair),
                     0);
}

static void say_something(int fd)
{
    ck_assert_int_eq((int)send(fd, "x", 1, MSG_NOSIGNAL), 1);
}

/* Gives the number `fd` to a fresh pair, whose other end is returned. */
static int open_as(int fd)
{
    int pair[2];

    open_pair(pair);
    if (pair[0] != fd) {
        ck_assert_int_eq(dup2(pair[0], fd), fd);
        close(pair[0]);
    }
    return pair[1];
}

START_TEST(a_file_that_somebody_else_keeps_open)
{
    int pair[2];

    open_pair(pair);
    int fd = pair[0];
    struct player old = player("the old client", fd), new = player("the new client", fd);
    start(&old);
    grader_step("dup, as a fork would; close; remove; and %d goes to a new client", fd);
    int copy = dup(fd);
    ck_assert_int_ge(copy, 0);
    close(fd);
    stop(&old);
    bury(&old);
    int peer = open_as(fd);
    start(&new);
    grader_step("the old client's peer sends a byte: the kernel reports the old registration");
    say_something(pair[1]);
    for (int i = 0; i < 3; i++) {
        turn();
        expect_calls(&new, 0, LATE);
    }
    grader_step("the new client's peer sends a byte");
    say_something(peer);
    turn();
    expect_calls(&new, 1, CALLED);
    close(copy);
    close(fd);
    close(peer);
    close(pair[1]);
}
END_TEST

/* On the heap, so that the address sanitizer sees who looks at it. */
static void free_itself(struct player *me)
{
    /* A number so high that a table of 64 or 128 slots has to move. */
    int high = fcntl(me->watcher.fd, F_DUPFD_CLOEXEC, 200);

    ck_assert_int_ge(high, 200);
    stop(me);
    newcomer = player("newcomer", high);
    start(&newcomer);
    close(me->watcher.fd);
    free(me);
}

START_TEST(a_callback_may_free_its_owner_and_add_another)
{
    int pair[2];

    open_pair(pair);
    struct player *owner = malloc(sizeof *owner);
    ck_assert_ptr_nonnull(owner);
    *owner = player("the owner", pair[0]);
    owner->act = free_itself;
    start(owner);
    say_something(pair[1]);
    int count = turn();
    grader_expect(count == 1, RESULT, "expected 1 call, got %d", count);
    count = turn();
    grader_expect(count == 1 && newcomer.calls == 1, CALLED,
                  "expected that the newcomer is called, for the byte is still there; got %d calls",
                  count);
    close(newcomer.watcher.fd);
    close(pair[1]);
}
END_TEST

START_TEST(who_is_still_ready_is_called_again)
{
    int pair[2];

    open_pair(pair);
    struct player one = player("one who does not read", pair[0]);
    start(&one);
    grader_step("its peer sends a byte, which stays in the socket");
    say_something(pair[1]);
    for (int i = 1; i <= 3; i++) {
        turn();
        expect_calls(&one, i, LEVEL);
    }
    stop(&one);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

START_TEST(two_loops_know_nothing_of_each_other)
{
    static const char APART[] = "what a loop knows is in the loop (contract, 7)";
    struct small_loop *left = loop;
    int pair[2];

    open_pair(pair);
    struct player in_left = player("in the left loop", pair[0]);
    struct player in_right = player("in the right loop", pair[0]);
    start(&in_left);
    create_loop();
    start(&in_right);
    say_something(pair[1]);
    turn();
    expect_calls(&in_right, 1, APART);
    expect_calls(&in_left, 0, APART);
    stop(&in_right);
    small_loop_destroy(loop);
    loop = left;
    turn();
    expect_calls(&in_left, 1, APART);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

void add_socket_checks(void)
{
    grader_group("real sockets", create_loop, destroy_loop);
    grader_add(a_file_that_somebody_else_keeps_open);
    grader_add(a_callback_may_free_its_owner_and_add_another);
    grader_add(who_is_still_ready_is_called_again);
    grader_add(two_loops_know_nothing_of_each_other);
}
