#include "check_players.h"

#include "grader.h"

#include <stdbool.h>
#include <sys/epoll.h>

const char CALLED[] = "a turn calls everybody who is registered and was reported, in the "
                      "order of the report, with the events of the report (contract, 2)";
const char WAITS_ONCE[] = "a turn waits once, with room for 64 events or more (contract, 1)";
const char RESULT[] = "a turn returns the number of calls, 0 after a signal, or -errno "
                      "(contract, 1 and 2)";
const char REMOVED[] = "from the return of remove on, nobody calls the watcher or looks at "
                       "it (contract, 3)";
const char TAKEN_OUT[] = "remove takes the descriptor out of the kernel's set (contract, 3)";
const char OWN_EVENTS[] = "an event belongs to the registration that it was reported for "
                          "(contract, 4)";
const char LATE[] = "an event may come batches after its registration has ended "
                    "(contract, 5)";
const char HIGH[] = "descriptors go up to 1,048,575 (contract, 6)";
const char REFUSED[] = "add that fails returns -errno and registers nothing (contract, 7)";

struct small_loop *loop;
static int calls_so_far;

static void on_ready(struct watcher *watcher, uint32_t events)
{
    struct player *me = (struct player *)watcher; /* the watcher is its first member */

    grader_step("  %s is called", me->name);
    me->calls++;
    me->events = events;
    me->turn = ++calls_so_far;
    if (me->act != NULL) {
        me->act(me);
    }
}

struct player player(const char *name, int fd)
{
    return (struct player){.watcher = {.fd = fd, .on_ready = on_ready}, .name = name};
}

int try_to_register(struct player *who)
{
    grader_step("add: %s, descriptor %d", who->name, who->watcher.fd);
    return small_loop_add(loop, &who->watcher, EPOLLIN);
}

void start(struct player *who)
{
    int result = try_to_register(who);

    grader_expect(result == 0, REFUSED, "expected 0, because the kernel agreed; got %d", result);
}

void stop(struct player *who)
{
    grader_step("remove: %s", who->name);
    small_loop_remove(loop, &who->watcher);
}

int turn(void)
{
    grader_step("turn");
    return small_loop_turn(loop, 0);
}

void expect_calls(const struct player *who, int calls, const char *rule)
{
    grader_expect(who->calls == calls, rule, "%s: expected %d calls so far, got %d", who->name,
                  calls, who->calls);
}

void create_loop(void)
{
    int result = small_loop_create(&loop);

    grader_expect(result == 0, "create makes a loop (contract, 7)", "expected 0, got %d", result);
}

void destroy_loop(void)
{
    small_loop_destroy(loop);
}

static void touch_the_dead(struct watcher *watcher, uint32_t events)
{
    (void)events;
    grader_expect(false, REMOVED,
                  "expected no call; got one for the watcher of descriptor %d, "
                  "which was removed, and whose memory is used for something else",
                  watcher->fd);
}

void bury(struct player *who)
{
    who->watcher.on_ready = touch_the_dead;
}
