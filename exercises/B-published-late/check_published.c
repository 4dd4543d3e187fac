/* run-under: thread */
/*
 * The grader of B-published-late.
 *
 * Its main thread is the one that accepts. Where it matters it stands between the program and the
 * kernel: a registration does not return before the loop's thread has done all that it can do with
 * it. That is a legal, and the worst, turn of events. The thread sanitizer has to see the real
 * calls, so there it does not interfere.
 */
#include "diagnosis.h"
#include "grader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef void readable_callback(int fd, void *data);

struct loop;
struct loop *loop_create(void);
int loop_add(struct loop *loop, int fd, readable_callback *on_readable, void *data);
void loop_destroy(struct loop *loop);
int answer_main(int argc, char **argv);

enum { MOST_FDS = 1024, CLIENTS = 200, MOST_TURNS = 1000 };
static const int64_t MOST_CPU_NS = 100 * 1000 * 1000;

static const char ITS_DATA[] = "each call gets the data of its own descriptor, from the first call "
                               "on (contract, 2)";
static const char CALLED[] = "while a descriptor is readable its callback is called (contract, 1)";
static const char OWN_THREAD[] = "callbacks run on the loop's own thread (contract, 1)";
static const char ANY_DATA[] = "data is passed on as it is, NULL too (contract, 3)";
static const char ERRORS[] = "loop_add returns 0, or -errno and has added nothing (contract, 4)";

static struct loop *loop;
static pthread_t accepting; /* the check's thread */
static bool hold;           /* a registration waits for the loop's thread */

/* What the callbacks have seen, by descriptor. */
static struct {
    atomic_int calls;
    _Atomic(void *) data;
    atomic_bool on_accepting;
} seen[MOST_FDS];
static atomic_int all_calls;
static atomic_int turns; /* of the loop since the last call of a callback */

static void note(int fd, void *data)
{
    char bytes[16];

    recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    atomic_store(&seen[fd].data, data);
    if (pthread_equal(pthread_self(), accepting)) {
        atomic_store(&seen[fd].on_accepting, true); /* and it stays so */
    }
    atomic_store(&turns, 0);
    atomic_fetch_add(&all_calls, 1);
    atomic_fetch_add(&seen[fd].calls, 1);
}

/* gcc says it with a macro, clang with a function. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif

#ifndef __SANITIZE_THREAD__

static bool is_asleep(const char *thread)
{
    char path[300];
    char line[512];
    char state = 'S'; /* a thread that has just ended */

    snprintf(path, sizeof path, "/proc/self/task/%s/stat", thread);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return true;
    }
    if (fgets(line, sizeof line, file) != NULL && strrchr(line, ')') != NULL) {
        state = strrchr(line, ')')[2];
    }
    fclose(file);
    return state == 'S';
}

/* Whether all threads but this one sleep: in epoll_wait, or for a lock that this one holds. */
static bool others_are_asleep(void)
{
    bool asleep = true;
    DIR *tasks = opendir("/proc/self/task");

    ck_assert_msg(tasks != NULL, "/proc/self/task cannot be read");
    for (struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        if (task->d_name[0] != '.' && atoi(task->d_name) != getpid()) {
            asleep = asleep && is_asleep(task->d_name);
        }
    }
    closedir(tasks);
    return asleep;
}

static int64_t cpu_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 * 1000 * 1000 + now.tv_nsec;
}

/* What the other threads have used of the CPU: a loop may also turn while it waits for a lock. */
static int64_t others_cpu_ns(void)
{
    return cpu_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns(CLOCK_THREAD_CPUTIME_ID);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    int calls = atomic_load(&all_calls);
    int result = (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
    int error = errno;

    if (hold && result == 0 && pthread_equal(pthread_self(), accepting)) {
        int64_t before = others_cpu_ns();
        while (atomic_load(&all_calls) == calls && !others_are_asleep() &&
               others_cpu_ns() - before < MOST_CPU_NS) {
            sched_yield();
        }
    }
    errno = error;
    return result;
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout_ms)
{
    atomic_fetch_add(&turns, 1);
    return (int)syscall(SYS_epoll_pwait, epoll, events, most, timeout_ms, NULL, 0);
}

/* Who sleeps to let another thread go first has gained nothing if that one is slower still. */
int usleep(useconds_t microseconds)
{
    (void)microseconds;
    return 0;
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)time;
    (void)left;
    return 0;
}

#endif

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
    atomic_store(&turns, 0);
    while (atomic_load(&seen[client.server].calls) < calls) {
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

static void disconnect(struct client client)
{
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
    grader_add(each_client_has_its_own_data);
    grader_add(no_data_is_data_too);
    grader_add(what_cannot_be_added_is_an_error);
    grader_group("the program", NULL, NULL);
    grader_add(main_ends_with_status_0);
    return grader_run(argc, argv);
}
