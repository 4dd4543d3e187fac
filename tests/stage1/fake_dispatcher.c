#include "fake_dispatcher.h"

#include "container_of.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct fake fake;
char fake_story[512];

void tell(const char *what)
{
    ck_assert_uint_lt(strlen(fake_story) + strlen(what) + 2, sizeof fake_story);
    if (fake_story[0] != '\0') {
        strcat(fake_story, " ");
    }
    strcat(fake_story, what);
}

void tell_number(const char *what, int number)
{
    char text[64];

    snprintf(text, sizeof text, "%s:%d", what, number);
    tell(text);
}

static int fake_create(void **ret_state)
{
    *ret_state = &fake;
    return fake.create_result;
}

static void fake_destroy(void *state)
{
    ck_assert_ptr_eq(state, &fake);
    fake.destroyed++;
}

static int fake_add(void *state, int fd, unsigned events)
{
    ck_assert_ptr_eq(state, &fake);
    ck_assert_uint_le(events, EVENT_READ | EVENT_WRITE);
    tell_number("add", fd);
    return fake.add_result;
}

static int fake_update(void *state, int fd, unsigned events)
{
    ck_assert_ptr_eq(state, &fake);
    ck_assert_int_ge(fd, 0);
    tell_number("update", (int)events);
    return fake.update_result;
}

static int fake_remove(void *state, int fd)
{
    ck_assert_ptr_eq(state, &fake);
    tell_number("remove", fd);
    return 0;
}

static void fake_forget(void *state, int fd)
{
    ck_assert_ptr_eq(state, &fake);
    tell_number("forget", fd);
}

static int fake_wait(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    ck_assert_ptr_eq(state, &fake);
    ck_assert_uint_ge(capacity, FAKE_BATCH);
    tell_number("wait", timeout_ms);
    if (fake.waits == fake.script_length) {
        return -ECANCELED;
    }
    int count = fake.script[fake.waits].count;
    for (int i = 0; i < count; i++) {
        ret[i] = fake.script[fake.waits].events[i];
        ret[i].generation = 0xdead; /* the loop's to fill in */
    }
    fake.waits++;
    return count;
}

struct event_dispatcher fake_dispatcher = {
    .name = "fake",
    .create = fake_create,
    .destroy = fake_destroy,
    .add = fake_add,
    .update = fake_update,
    .remove = fake_remove,
    .forget = fake_forget,
    .wait = fake_wait,
};

void fake_batch(int count, const struct ready_event *events)
{
    fake.script[fake.script_length].count = count;
    if (count > 0) {
        memcpy(fake.script[fake.script_length].events, events, (size_t)count * sizeof *events);
    }
    fake.script_length++;
}

struct event_loop *fake_loop;

void fake_setup(void)
{
    ck_assert_int_eq(event_loop_create(&fake_dispatcher, &fake_loop), 0);
}

void fake_teardown(void)
{
    event_loop_destroy(fake_loop);
    ck_assert_int_eq(fake.destroyed, 1);
}

static void on_read(struct channel *channel)
{
    tell_number("read", channel->fd);
}

static void on_write(struct channel *channel)
{
    tell_number("write", channel->fd);
}

struct channel new_channel(int fd)
{
    return (struct channel){.fd = fd, .on_read = on_read, .on_write = on_write};
}

void add_to_loop(struct channel *channel, unsigned events)
{
    ck_assert_int_eq(event_loop_add_channel(fake_loop, channel, events), 0);
}

static void run_work(struct deferred *deferred)
{
    struct work *work = container_of(deferred, struct work, deferred);

    tell(work->name);
    ck_assert(!deferred->queued);
    if (work->then != NULL) {
        event_loop_defer(fake_loop, &work->then->deferred);
    }
}

struct work new_work(const char *name, struct work *then)
{
    return (struct work){.deferred = {.run = run_work}, .name = name, .then = then};
}
