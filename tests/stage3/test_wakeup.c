#include "sockets.h"
#include "suite_runner.h"
#include "variants.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

enum { MANY_WAKES = 100000 };

struct ends {
    const struct wakeup *wakeup;
    int read_fd;
    int write_fd;
};

static struct ends open_ends(int index)
{
    struct ends ends = {.wakeup = variant_at(index).wakeup};

    ck_assert_int_eq(ends.wakeup->open(&ends.read_fd, &ends.write_fd), 0);
    return ends;
}

static void close_ends(const struct ends *ends)
{
    ck_assert_int_eq(close(ends->read_fd), 0);
    if (ends->write_fd != ends->read_fd) {
        ck_assert_int_eq(close(ends->write_fd), 0);
    }
}

static bool readable(const struct ends *ends)
{
    struct pollfd poll_fd = {.fd = ends->read_fd, .events = POLLIN};

    return poll(&poll_fd, 1, 0) == 1;
}

START_TEST(a_fresh_reading_end_is_quiet)
{
    struct ends ends = open_ends(_i);

    ck_assert_msg(!readable(&ends), "%s: readable before any wake", ends.wakeup->name);
    close_ends(&ends);
}
END_TEST

START_TEST(a_wake_makes_the_reading_end_readable)
{
    struct ends ends = open_ends(_i);

    ck_assert_int_eq(ends.wakeup->wake(ends.write_fd), 0);
    ck_assert_msg(readable(&ends), "%s: woken, and not readable", ends.wakeup->name);
    close_ends(&ends);
}
END_TEST

START_TEST(clear_makes_the_reading_end_quiet)
{
    struct ends ends = open_ends(_i);

    ck_assert_int_eq(ends.wakeup->wake(ends.write_fd), 0);
    ends.wakeup->clear(ends.read_fd);
    ck_assert_msg(!readable(&ends), "%s: cleared, and still readable", ends.wakeup->name);
    close_ends(&ends);
}
END_TEST

START_TEST(clear_returns_at_once_when_nobody_woke)
{
    struct ends ends = open_ends(_i);

    ends.wakeup->clear(ends.read_fd);
    ck_assert_msg(!readable(&ends), "%s: readable without a wake", ends.wakeup->name);
    close_ends(&ends);
}
END_TEST

START_TEST(a_wake_after_clear_is_seen)
{
    struct ends ends = open_ends(_i);

    for (int round = 0; round < 1000; round++) {
        ck_assert_int_eq(ends.wakeup->wake(ends.write_fd), 0);
        ck_assert_msg(readable(&ends), "%s: wake %d was lost", ends.wakeup->name, round);
        ends.wakeup->clear(ends.read_fd);
    }
    close_ends(&ends);
}
END_TEST

START_TEST(wake_never_blocks_and_never_fails_however_often_it_is_called)
{
    struct ends ends = open_ends(_i);

    for (int i = 0; i < MANY_WAKES; i++) {
        int result = ends.wakeup->wake(ends.write_fd);
        ck_assert_msg(result == 0, "%s: wake %d: expected 0, got %d", ends.wakeup->name, i, result);
    }
    ck_assert_msg(readable(&ends), "%s: not readable after %d wakes", ends.wakeup->name,
                  MANY_WAKES);
    close_ends(&ends);
}
END_TEST

START_TEST(one_clear_is_enough_after_very_many_wakes)
{
    struct ends ends = open_ends(_i);

    for (int i = 0; i < MANY_WAKES; i++) {
        ends.wakeup->wake(ends.write_fd);
    }
    ends.wakeup->clear(ends.read_fd);
    ck_assert_msg(!readable(&ends), "%s: still readable after one clear of %d wakes",
                  ends.wakeup->name, MANY_WAKES);
    close_ends(&ends);
}
END_TEST

/* 100,000 wakes do not fill an eventfd: one write takes it to its largest value. */
START_TEST(a_wake_without_room_to_write_is_a_success)
{
    struct ends ends = open_ends(_i);
    const uint64_t almost_full = UINT64_MAX - 1;

    while (write(ends.write_fd, &almost_full, sizeof almost_full) > 0) {
    }
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert_int_eq(ends.wakeup->wake(ends.write_fd), 0);
    ck_assert_msg(readable(&ends), "%s: full, and not readable", ends.wakeup->name);
    close_ends(&ends);
}
END_TEST

START_TEST(a_wake_of_a_closed_end_says_why_it_failed)
{
    ck_assert_int_eq(variant_at(_i).wakeup->wake(-1), -EBADF);
}
END_TEST

static void expect_flags(const char *name, int fd)
{
    ck_assert_msg(fcntl(fd, F_GETFD) & FD_CLOEXEC, "%s: fd %d is not close-on-exec", name, fd);
    ck_assert_msg(fcntl(fd, F_GETFL) & O_NONBLOCK, "%s: fd %d is blocking", name, fd);
}

START_TEST(both_ends_are_non_blocking_and_close_on_exec)
{
    struct ends ends = open_ends(_i);

    expect_flags(ends.wakeup->name, ends.read_fd);
    expect_flags(ends.wakeup->name, ends.write_fd);
    close_ends(&ends);
}
END_TEST

START_TEST(open_without_a_free_descriptor_returns_the_error)
{
    int read_fd;
    int write_fd;

    unsigned long limit = exhaust_descriptors();
    ck_assert_int_eq(variant_at(_i).wakeup->open(&read_fd, &write_fd), -EMFILE);
    restore_descriptors(limit);
}
END_TEST

static const struct wakeup own_wakeup = {.name = "own"};
static const struct wakeup clashing_wakeup = {.name = "eventfd"};

static int list_with(const struct wakeup *const *more, struct named_choices *ret_choices)
{
    const struct server_extensions extensions = {.wakeups = more};

    return wakeups_list(&extensions, ret_choices);
}

START_TEST(the_list_starts_with_the_default_and_ends_with_the_extensions)
{
    const struct wakeup *const more[] = {&own_wakeup, NULL};
    struct named_choices choices;

    ck_assert_int_eq(list_with(more, &choices), 0);
    ck_assert_uint_eq(choices.count, 3);
    ck_assert_ptr_eq(choices.tables[WAKEUPS_DEFAULT], &socketpair_wakeup);
    ck_assert_str_eq(choices.names[WAKEUPS_DEFAULT], "socketpair");
    ck_assert_ptr_eq(choices.tables[1], &eventfd_wakeup);
    ck_assert_str_eq(choices.names[1], "eventfd");
    ck_assert_ptr_eq(choices.tables[2], &own_wakeup);
    ck_assert_ptr_null(choices.names[3]);
}
END_TEST

START_TEST(extensions_without_wakeups_are_an_empty_list)
{
    const struct wakeup *const none[] = {NULL};
    struct named_choices choices;

    ck_assert_int_eq(wakeups_list(NULL, &choices), 0);
    ck_assert_uint_eq(choices.count, 2);
    ck_assert_int_eq(list_with(NULL, &choices), 0);
    ck_assert_uint_eq(choices.count, 2);
    ck_assert_int_eq(list_with(none, &choices), 0);
    ck_assert_uint_eq(choices.count, 2);
}
END_TEST

START_TEST(a_name_that_is_taken_is_refused)
{
    const struct wakeup *const clash[] = {&clashing_wakeup, NULL};
    const struct wakeup *const twice[] = {&own_wakeup, &own_wakeup, NULL};
    struct named_choices choices;

    ck_assert_int_eq(list_with(clash, &choices), -EEXIST);
    ck_assert_int_eq(list_with(twice, &choices), -EEXIST);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wakeup");

    add_case_for_each_wakeup(suite, "wake and clear", a_fresh_reading_end_is_quiet,
                             a_wake_makes_the_reading_end_readable,
                             clear_makes_the_reading_end_quiet,
                             clear_returns_at_once_when_nobody_woke, a_wake_after_clear_is_seen);
    add_case_for_each_wakeup(
        suite, "too many wakes", wake_never_blocks_and_never_fails_however_often_it_is_called,
        one_clear_is_enough_after_very_many_wakes, a_wake_without_room_to_write_is_a_success);
    add_case_for_each_wakeup(suite, "descriptors", both_ends_are_non_blocking_and_close_on_exec,
                             open_without_a_free_descriptor_returns_the_error,
                             a_wake_of_a_closed_end_says_why_it_failed);
    add_case(suite, "list", the_list_starts_with_the_default_and_ends_with_the_extensions,
             extensions_without_wakeups_are_an_empty_list, a_name_that_is_taken_is_refused);
    return run_suite(suite);
}
