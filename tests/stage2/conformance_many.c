#include "conformance_fixture.h"

#include "sockets.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

/* Readable while its value is not 0, and writable always. */
static int open_event(bool readable)
{
    int fd = eventfd(readable ? 1 : 0, EFD_NONBLOCK | EFD_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    return fd;
}

static void open_events(int *ret_fds, int count, bool readable)
{
    for (int i = 0; i < count; i++) {
        ret_fds[i] = open_event(readable);
        add(ret_fds[i], EVENT_READ);
    }
}

static int index_of(int fd, const int *fds, int count)
{
    for (int i = 0; i < count; i++) {
        if (fds[i] == fd) {
            return i;
        }
    }
    ck_abort_msg("%s: descriptor %d was reported, which nobody added", tested->name, fd);
    return -1;
}

enum { CROWD = 40 };

/* With room for one event, each of the ready ones must have its turn before one has two more. */
static void assert_all_have_turns(int capacity)
{
    static struct report report;
    int fds[CROWD];
    int turns[CROWD] = {0};

    open_events(fds, CROWD, true);
    for (int waits = 0; waits * capacity < 2 * CROWD; waits++) {
        wait_once(0, capacity, &report);
        ck_assert_msg(report.count > 0, "%s: %d are ready, and none is reported", tested->name,
                      CROWD);
        for (int i = 0; i < report.count; i++) {
            turns[index_of(report.events[i].fd, fds, CROWD)]++;
        }
    }
    for (int i = 0; i < CROWD; i++) {
        ck_assert_msg(turns[i] > 0, "%s: capacity %d: the ready descriptor %d never had its turn",
                      tested->name, capacity, fds[i]);
    }
}

START_TEST(room_for_one_event_starves_nobody)
{
    begin(_i);
    assert_all_have_turns(1);
    end();
}
END_TEST

START_TEST(room_for_few_events_starves_nobody)
{
    begin(_i);
    assert_all_have_turns(7);
    end();
}
END_TEST

START_TEST(many_descriptors_are_all_reported_and_no_other)
{
    enum { MANY = 900 };
    static struct report report;
    int fds[MANY];
    int turns[MANY] = {0};

    allow_descriptors(FD_SETSIZE);
    begin(_i);
    for (int i = 0; i < MANY; i++) {
        fds[i] = open_event(i % 2 == 0);
        add(fds[i], EVENT_READ);
    }
    /* A wait may report fewer than there is room for, but comes to all of them in a few. */
    for (int waits = 0; waits < 16; waits++) {
        wait_once(0, REPORT_CAPACITY, &report);
        for (int i = 0; i < report.count; i++) {
            turns[index_of(report.events[i].fd, fds, MANY)]++;
        }
    }
    for (int i = 0; i < MANY; i++) {
        ck_assert_msg((turns[i] > 0) == (i % 2 == 0), "%s: descriptor %d is %s, and came %d times",
                      tested->name, fds[i], i % 2 == 0 ? "ready" : "not ready", turns[i]);
    }
    end();
}
END_TEST

START_TEST(removing_most_of_many_leaves_the_others_watched)
{
    int fds[CROWD];

    begin(_i);
    open_events(fds, CROWD, true);
    for (int i = 0; i < CROWD; i++) {
        if (i != 3 && i != CROWD - 1) {
            take_out(fds[i]);
        }
    }
    static struct report report;
    wait_once(0, REPORT_CAPACITY, &report);
    ck_assert_msg(report.count == 2, "%s: expected 2 events, got %d", tested->name, report.count);
    for (int i = 0; i < 2; i++) {
        int at = index_of(report.events[i].fd, fds, CROWD);
        ck_assert_msg(at == 3 || at == CROWD - 1, "%s: the removed descriptor %d is reported",
                      tested->name, fds[at]);
    }
    end();
}
END_TEST

/* A few descriptors in the simplest form there is, and what a wait must say about them. */
struct model {
    int fd;
    bool added;
    bool readable;
    unsigned interest;
};

enum { MODELS = 24, STEPS = 600 };

static void change_at_random(struct model *model, unsigned *seed)
{
    unsigned interest = (unsigned)rand_r(seed) % 4;
    uint64_t value = 1;

    switch (rand_r(seed) % 4) {
    case 0:
        if (model->added) {
            take_out(model->fd);
        } else {
            add(model->fd, interest);
            model->interest = interest;
        }
        model->added = !model->added;
        break;
    case 1:
        if (model->added) {
            update(model->fd, interest);
            model->interest = interest;
        }
        break;
    case 2:
        ck_assert_int_eq((int)write(model->fd, &value, sizeof value), sizeof value);
        model->readable = true;
        break;
    default:
        if (model->readable) {
            ck_assert_int_eq((int)read(model->fd, &value, sizeof value), sizeof value);
        }
        model->readable = false;
        break;
    }
}

static unsigned expected_of(const struct model *model)
{
    return model->added ? model->interest & (EVENT_WRITE | (model->readable ? EVENT_READ : 0U)) : 0;
}

static unsigned reported_of(const struct report *report, int fd)
{
    for (int i = 0; i < report->count; i++) {
        if (report->events[i].fd == fd) {
            return report->events[i].events;
        }
    }
    return 0;
}

START_TEST(random_changes_are_reported_as_a_simple_model_has_them)
{
    static struct report report;
    struct model models[MODELS] = {0};
    unsigned seed = 20240229;

    begin(_i);
    for (int i = 0; i < MODELS; i++) {
        models[i].fd = open_event(false);
    }
    for (int step = 0; step < STEPS; step++) {
        change_at_random(&models[rand_r(&seed) % MODELS], &seed);
        wait_once(0, REPORT_CAPACITY, &report);
        for (int i = 0; i < MODELS; i++) {
            unsigned expected = expected_of(&models[i]);
            unsigned got = reported_of(&report, models[i].fd);
            ck_assert_msg(got == expected,
                          "%s: seed 20240229, step %d, descriptor %d: expected %u, got %u",
                          tested->name, step, models[i].fd, expected, got);
        }
    }
    end();
}
END_TEST

static int move_to(int fd, int number)
{
    allow_descriptors(number);
    ck_assert_msg(dup2(fd, number) == number, "dup2 to %d: %s", number, strerror(errno));
    close(fd);
    return number;
}

/* Around the size of an fd_set, and where no fd_set reaches. */
static const int heights[] = {FD_SETSIZE - 1, FD_SETSIZE, FD_SETSIZE + 1, 2 * FD_SETSIZE + 100};

static void try_height(int number)
{
    int low = open_event(true);
    int high = move_to(open_event(true), number);

    add(low, EVENT_READ);
    int result = tested->add(tested_state, high, EVENT_READ);
    ck_assert_msg(result == 0 || (result == -ERANGE && number >= FD_SETSIZE),
                  "%s: descriptor %d: expected 0%s, got %d", tested->name, number,
                  number >= FD_SETSIZE ? " or -ERANGE" : "", result);
    static struct report report;
    wait_once(0, REPORT_CAPACITY, &report);
    ck_assert_int_eq(reported_of(&report, low), EVENT_READ);
    ck_assert_msg(reported_of(&report, high) == (result == 0 ? EVENT_READ : 0U),
                  "%s: descriptor %d: add said %d, and it is %sreported", tested->name, number,
                  result, reported_of(&report, high) != 0 ? "" : "not ");
    ck_assert_msg(report.count == (result == 0 ? 2 : 1), "%s: descriptor %d: %d events",
                  tested->name, number, report.count);
    if (result == 0) {
        take_out(high);
    }
    take_out(low);
    assert_silent("with both removed");
    close(low);
    close(high);
}

START_TEST(a_high_descriptor_is_watched_or_refused_and_harms_nobody)
{
    begin(_i);
    for (size_t i = 0; i < sizeof heights / sizeof *heights; i++) {
        try_height(heights[i]);
    }
    end();
}
END_TEST

void conformance_many_add(Suite *suite, int count)
{
    const TTest *const tests[] = {
        room_for_one_event_starves_nobody,
        room_for_few_events_starves_nobody,
        many_descriptors_are_all_reported_and_no_other,
        removing_most_of_many_leaves_the_others_watched,
        random_changes_are_reported_as_a_simple_model_has_them,
        a_high_descriptor_is_watched_or_refused_and_harms_nobody,
        NULL,
    };

    conformance_add_case(suite, "many descriptors", tests, count);
}
