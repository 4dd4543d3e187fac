/* run-under: thread */
/*
 * The grader of B-published-late.
 *
 * Its main thread is the one that accepts. check_turns.c stands between the program and the kernel.
 */
#include "check_turns.h"
#include "diagnosis.h"
#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef void readable_callback(int fd, void *data);

struct loop;
struct loop *loop_create(void);
int loop_add(struct loop *loop, int fd, readable_callback *on_readable, void *data);
void loop_destroy(struct loop *loop);
int answer_main(int argc, char **argv);

enum { MOST_FDS = 1024, CLIENTS = 200, MOST_TURNS = 1000, MOST_LOOKS = 100 };

static const char ITS_DATA[] = "each call gets the data of its own descriptor, from the first call "
                               "on (contract, 2)";
static const char CALLED[] = "while a descriptor is readable its callback is called (contract, 1)";
static const char OWN_THREAD[] = "callbacks run on the loop's own thread (contract, 1)";
static const char ANY_DATA[] = "data is passed on as it is, NULL too (contract, 3)";
static const char ERRORS[] = "loop_add returns 0, or -errno and has added nothing (contract, 4)";

static const char BORROWED[] = "the loop does not close what was added (contract, 5)";

static struct loop *loop;

/* What the callbacks have seen, by descriptor. */
static struct {
    atomic_int calls;
    _Atomic(void *) data;
    atomic_bool on_accepting;
} seen[MOST_FDS];

static void note_call(int fd, void *data)
{
    atomic_store(&seen[fd].data, data);
    if (pthread_equal(pthread_self(), accepting)) {
        atomic_store(&seen[fd].on_accepting, true); /* and it stays so */
    }
    atomic_store(&turns, 0);
    atomic_fetch_add(&all_calls, 1);
    atomic_fetch_add(&seen[fd].calls, 1);
}

static void note(int fd, void *data)
{
    char bytes[16];

    recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    note_call(fd, data);
}

static void create_loop(void)
{
    accepting = pthread_self();
    hold = false;
    loop = loop_create();
    ck_assert(loop != NULL);
}

/* A descriptor is closed only when the loop's thread is gone. */
static void end_loop(void)
{
    loop_destroy(loop);
}

struct client {
    int end;    /* the client's own */
    int server; /* what the loop gets */
};

static struct client connect_client(void)
{
    int ends[2];

    ck_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    ck_assert(ends[1] < MOST_FDS);
    return (struct client){ends[0], ends[1]};
}

static void say_something(struct client client)
{
    ck_assert(send(client.end, "!", 1, MSG_NOSIGNAL) == 1);
}

static void add(struct client client, void *data)
{
    int result = loop_add(loop, client.server, note, data);
    grader_expect(result == 0, ERRORS, "expected 0 from loop_add, got %d (%s)", result,
                  strerror(-result));
}

/* Waits for call number `calls` of the client's callback. */
static void wait_for_call(struct client client, int calls)
{
    int asleep = 0;

    atomic_store(&turns, 0);
    while (atomic_load(&seen[client.server].calls) < calls) {
        asleep = others_are_asleep() ? asleep + 1 : 0;
        grader_expect(asleep < MOST_LOOKS, CALLED,
                      "expected call %d of the callback, for there is something to read; but the "
                      "loop sleeps",
                      calls);
        grader_expect(atomic_load(&turns) < MOST_TURNS, CALLED,
                      "expected call %d of the callback, but the loop only turns round and round",
                      calls);
        sched_yield();
    }
}

static void expect_seen(struct client client, const void *data, const char *rule)
{
    void *got = atomic_load(&seen[client.server].data);

    grader_expect(got == data, rule, "the callback expected data %p, got %p%s", data, got,
                  got == NULL ? ": not set yet" : "");
    grader_expect(!atomic_load(&seen[client.server].on_accepting), OWN_THREAD,
                  "the callback ran on the thread that called loop_add");
}

/* To be called when the loop has ended. */
static void disconnect(struct client client)
{
    grader_expect(fcntl(client.server, F_GETFD) >= 0, BORROWED,
                  "expected descriptor %d to be open after loop_destroy", client.server);
    close(client.end);
    close(client.server);
}

START_TEST(the_line_is_found)
{
    diagnosis_expect_line("if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0)",
                          "channel->data = data;");
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_DATA_RACE);
}
END_TEST

START_TEST(the_tool_shows_it)
{
    diagnosis_expect_tool(1U << TOOL_THREAD_SANITIZER);
}
END_TEST

START_TEST(a_readable_descriptor_is_announced)
{
    struct client client = connect_client();
    int data = 0;

    grader_step("a client is added, then it says something, twice");
    add(client, &data);
    for (int i = 1; i <= 2; i++) {
        say_something(client);
        wait_for_call(client, i);
        expect_seen(client, &data, ITS_DATA);
    }
    grader_step("a client that has said something before it is added");
    struct client early = connect_client();
    say_something(early);
    add(early, &data);
    wait_for_call(early, 1);
    end_loop();
    disconnect(client);
    disconnect(early);
}
END_TEST

static void note_one_byte(int fd, void *data)
{
    char byte;

    recv(fd, &byte, 1, MSG_DONTWAIT);
    note_call(fd, data);
}

START_TEST(who_leaves_something_is_called_again)
{
    struct client client = connect_client();
    int data = 0;

    grader_step("a client says three bytes and is added; its callback reads one at a time");
    for (int i = 0; i < 3; i++) {
        say_something(client);
    }
    int result = loop_add(loop, client.server, note_one_byte, &data);
    grader_expect(result == 0, ERRORS, "expected 0 from loop_add, got %d", result);
    wait_for_call(client, 3);
    expect_seen(client, &data, ITS_DATA);
    end_loop();
    disconnect(client);
}
END_TEST

START_TEST(the_first_call_has_its_data)
{
    struct client client = connect_client();
    int data = 0;

    grader_step("a client says something and is added; the loop's thread is faster than this one");
    say_something(client);
    hold = true;
    add(client, &data);
    hold = false;
    wait_for_call(client, 1);
    expect_seen(client, &data, ITS_DATA);
    end_loop();
    disconnect(client);
}
END_TEST

START_TEST(each_client_has_its_own_data)
{
    struct client clients[CLIENTS];
    int data[CLIENTS];

    grader_step("%d clients, each with data of its own, all readable when they are added", CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = connect_client();
        say_something(clients[i]);
        hold = i % 8 == 0;
        add(clients[i], &data[i]);
    }
    hold = false;
    for (int i = 0; i < CLIENTS; i++) {
        wait_for_call(clients[i], 1);
        expect_seen(clients[i], &data[i], ITS_DATA);
    }
    grader_step("each says something more");
    for (int i = 0; i < CLIENTS; i++) {
        say_something(clients[i]);
        wait_for_call(clients[i], 2);
        expect_seen(clients[i], &data[i], ITS_DATA);
    }
    end_loop();
    for (int i = 0; i < CLIENTS; i++) {
        disconnect(clients[i]);
    }
}
END_TEST

START_TEST(no_data_is_data_too)
{
    struct client client = connect_client();

    grader_step("a client is added with NULL as its data");
    say_something(client);
    add(client, NULL);
    wait_for_call(client, 1);
    expect_seen(client, NULL, ANY_DATA);
    end_loop();
    disconnect(client);
}
END_TEST

START_TEST(what_cannot_be_added_is_an_error)
{
    struct client client = connect_client();
    int data = 0;
    int other = 0;

    grader_step("loop_add with descriptor -1, with a directory, and twice with the same one");
    int result = loop_add(loop, -1, note, &data);
    grader_expect(result == -EBADF, ERRORS, "expected -EBADF for -1, got %d", result);
    int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    result = loop_add(loop, directory, note, &data);
    grader_expect(result == -EPERM, ERRORS, "expected -EPERM for a directory, got %d", result);
    add(client, &data);
    result = loop_add(loop, client.server, note, &other);
    grader_expect(result == -EEXIST, ERRORS, "expected -EEXIST the second time, got %d", result);
    say_something(client);
    wait_for_call(client, 1);
    expect_seen(client, &data, ERRORS);
    end_loop();
    disconnect(client);
    close(directory);
}
END_TEST

START_TEST(main_ends_with_status_0)
{
    static char name[] = "program";
    char *argv[] = {name, NULL};

    grader_step("the program is started without arguments");
    int status = answer_main(1, argv);
    grader_expect(status == 0, "main ends by itself with status 0 (contract, 6)",
                  "expected status 0, got %d", status);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("diagnosis", NULL, NULL);
    grader_add(the_line_is_found);
    grader_add(the_kind_is_named);
    grader_add(the_tool_shows_it);
    grader_group("repair", create_loop, NULL);
    grader_add(a_readable_descriptor_is_announced);
    grader_add(the_first_call_has_its_data);
    grader_add(who_leaves_something_is_called_again);
    grader_add(each_client_has_its_own_data);
    grader_add(no_data_is_data_too);
    grader_add(what_cannot_be_added_is_an_error);
    grader_group("the program", NULL, NULL);
    grader_add(main_ends_with_status_0);
    return grader_run(argc, argv);
}
