/*
 * extension_server: a real stage server with a dispatcher, a wakeup, a policy and a default thread
 * count of its own. The model of what a learner's main does; compiled once for each stage, with
 * -DSTAGE_HEADER and -DSTAGE_MAIN.
 *
 * For the tests it counts what its tables were asked to do and says so at the end, and a first
 * argument "clash=dispatcher", "clash=wakeup", "clash=policy" or "count=N" makes the extensions
 * wrong on purpose.
 */
#include STAGE_HEADER

#include "poll_dispatcher.h"
#include "selection_policy.h"
#include "server_extensions.h"
#include "wakeup.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_THREAD_COUNT = 3 };

static atomic_uint dispatchers_created;
static atomic_uint waits;
static atomic_uint wakes;
static atomic_uint choices;
static int thread_count = OWN_THREAD_COUNT;

static struct event_dispatcher counting_dispatcher;
static struct wakeup counting_wakeup;

static int create_and_count(void **ret_state)
{
    atomic_fetch_add(&dispatchers_created, 1);
    return poll_dispatcher.create(ret_state);
}

static int wait_and_count(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    atomic_fetch_add(&waits, 1);
    return poll_dispatcher.wait(state, timeout_ms, ret, capacity);
}

static int wake_and_count(int write_fd)
{
    atomic_fetch_add(&wakes, 1);
    return eventfd_wakeup.wake(write_fd);
}

/* Crowds everybody onto one loop, which no sensible policy would: it is seen at once. */
static size_t select_last(const struct loop_load *loads, size_t count,
                          struct selection_state *state)
{
    (void)loads;
    (void)state;
    atomic_fetch_add(&choices, 1);
    return count - 1;
}

static struct selection_policy last_loop_policy = {.name = "last-loop", .select = select_last};

static int own_thread_count(void)
{
    return thread_count;
}

static void make_tables(void)
{
    counting_dispatcher = poll_dispatcher;
    counting_dispatcher.name = "counting-poll";
    counting_dispatcher.create = create_and_count;
    counting_dispatcher.wait = wait_and_count;
    counting_wakeup = eventfd_wakeup;
    counting_wakeup.name = "counting-eventfd";
    counting_wakeup.wake = wake_and_count;
}

/* Returns whether the word was for us. */
static bool spoil(const char *word)
{
    if (strcmp(word, "clash=dispatcher") == 0) {
        counting_dispatcher.name = "epoll";
    } else if (strcmp(word, "clash=wakeup") == 0) {
        counting_wakeup.name = "eventfd";
    } else if (strcmp(word, "clash=policy") == 0) {
        last_loop_policy.name = "round-robin";
    } else if (strncmp(word, "count=", 6) == 0) {
        thread_count = atoi(word + 6);
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    const struct event_dispatcher *const dispatchers[] = {&counting_dispatcher, NULL};
    const struct wakeup *const wakeups[] = {&counting_wakeup, NULL};
    const struct selection_policy *const policies[] = {&last_loop_policy, NULL};
    const struct server_extensions extensions = {
        .dispatchers = dispatchers,
        .wakeups = wakeups,
        .policies = policies,
        .default_thread_count = own_thread_count,
    };

    make_tables();
    if (argc > 1 && spoil(argv[1])) {
        argc--;
        argv++;
    }
    int status = STAGE_MAIN(argc, argv, &extensions);
    if (status == 0) {
        fprintf(stderr, "extensions: %u dispatchers, %u waits, %u wakes, %u choices\n",
                atomic_load(&dispatchers_created), atomic_load(&waits), atomic_load(&wakes),
                atomic_load(&choices));
    }
    return status;
}
