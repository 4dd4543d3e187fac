#include "allocation_faults.h"
#include "capture.h"
#include "dispatchers.h"
#include "epoll_dispatcher.h"
#include "poll_dispatcher.h"
#include "select_dispatcher.h"
#include "sockets.h"
#include "stage2.h"
#include "suite_runner.h"

#include <errno.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

static const struct event_dispatcher own = {.name = "own"};
static const struct event_dispatcher clashing = {.name = "poll"};

static const struct event_dispatcher *const one_of_its_own[] = {&own, NULL};
static const struct event_dispatcher *const twice_the_same[] = {&own, &own, NULL};
static const struct event_dispatcher *const one_that_is_built_in[] = {&own, &clashing, NULL};

static void assert_choice(const struct named_choices *choices, size_t at,
                          const struct event_dispatcher *expected)
{
    ck_assert_uint_lt(at, choices->count);
    ck_assert_str_eq(choices->names[at], expected->name);
    ck_assert_ptr_eq(choices->tables[at], expected);
}

START_TEST(without_extensions_there_are_three_and_epoll_is_the_default)
{
    const struct server_extensions nothing = {.dispatchers = NULL};
    struct named_choices choices;

    ck_assert_int_eq(dispatchers_list(_i == 0 ? NULL : &nothing, &choices), 0);
    ck_assert_uint_eq(choices.count, 3);
    assert_choice(&choices, DISPATCHERS_DEFAULT, &epoll_dispatcher);
    assert_choice(&choices, 1, &poll_dispatcher);
    assert_choice(&choices, 2, &select_dispatcher);
    ck_assert_ptr_null(choices.names[3]);
}
END_TEST

START_TEST(a_dispatcher_of_the_extensions_stands_beside_the_built_in_ones)
{
    const struct server_extensions extensions = {.dispatchers = one_of_its_own};
    struct named_choices choices;

    ck_assert_int_eq(dispatchers_list(&extensions, &choices), 0);
    ck_assert_uint_eq(choices.count, 4);
    assert_choice(&choices, DISPATCHERS_DEFAULT, &epoll_dispatcher);
    assert_choice(&choices, 3, &own);
}
END_TEST

START_TEST(a_name_that_is_taken_is_eexist)
{
    const struct server_extensions clash = {.dispatchers = one_that_is_built_in};
    const struct server_extensions twice = {.dispatchers = twice_the_same};
    struct named_choices choices;

    ck_assert_int_eq(dispatchers_list(&clash, &choices), -EEXIST);
    ck_assert_int_eq(dispatchers_list(&twice, &choices), -EEXIST);
}
END_TEST

static int run_stage2(char **argv, int argc, const struct server_extensions *extensions,
                      struct capture *out, struct capture *err)
{
    capture_begin(out, STDOUT_FILENO);
    capture_begin(err, STDERR_FILENO);
    int status = stage2_main(argc, argv, extensions);
    capture_end(err);
    capture_end(out);
    return status;
}

START_TEST(the_server_refuses_extensions_whose_name_is_taken)
{
    const struct server_extensions clash = {.dispatchers = one_that_is_built_in};
    char name[] = "stage2";
    char *argv[] = {name, NULL};
    struct capture out;
    struct capture err;

    ck_assert_int_eq(run_stage2(argv, 1, &clash, &out, &err), 2);
    ck_assert_msg(capture_lines(&err) == 1, "expected one line, got: %s", err.text);
    ck_assert_msg(strstr(err.text, "dispatchers") != NULL, "expected what clashes in: %s",
                  err.text);
    ck_assert_str_eq(out.text, "");
}
END_TEST

START_TEST(the_server_offers_the_dispatcher_of_the_extensions)
{
    const struct server_extensions extensions = {.dispatchers = one_of_its_own};
    char name[] = "stage2";
    char help[] = "--help";
    char *argv[] = {name, help, NULL};
    struct capture out;
    struct capture err;

    ck_assert_int_eq(run_stage2(argv, 2, &extensions, &out, &err), 0);
    ck_assert_msg(strstr(out.text, "epoll, poll, select, own") != NULL,
                  "expected the four dispatchers in: %s", out.text);
}
END_TEST

START_TEST(the_server_refuses_a_dispatcher_that_nobody_has)
{
    char name[] = "stage2";
    char option[] = "--dispatcher=own";
    char *argv[] = {name, option, NULL};
    struct capture out;
    struct capture err;

    ck_assert_int_eq(run_stage2(argv, 2, NULL, &out, &err), 2);
    ck_assert_msg(strstr(err.text, "--dispatcher") != NULL, "expected the option in: %s", err.text);
}
END_TEST

static const struct {
    const struct event_dispatcher *dispatcher;
    int at_fd_setsize;      /* what add says about descriptor FD_SETSIZE */
    int without_descriptor; /* what create says when there is none left */
    int allocations_of_create;
    int allocations_of_add; /* the first one */
} built_in[] = {
    {&poll_dispatcher, 0, 0, 1, 2},
    {&select_dispatcher, -ERANGE, 0, 1, 0},
    {&epoll_dispatcher, 0, -EMFILE, 1, 1},
};

START_TEST(only_select_refuses_a_descriptor_of_fd_setsize)
{
    const struct event_dispatcher *dispatcher = built_in[_i].dispatcher;
    void *state;

    allow_descriptors(FD_SETSIZE);
    int pair[2];
    stream_pair(pair);
    ck_assert_int_eq(dup2(pair[0], FD_SETSIZE), FD_SETSIZE);
    ck_assert_int_eq(dispatcher->create(&state), 0);
    ck_assert_int_eq(dispatcher->add(state, FD_SETSIZE, EVENT_READ), built_in[_i].at_fd_setsize);
    dispatcher->destroy(state);
}
END_TEST

START_TEST(only_epoll_needs_a_descriptor_of_its_own)
{
    const struct event_dispatcher *dispatcher = built_in[_i].dispatcher;
    int nobody = 0;
    void *state = &nobody;
    unsigned long limit = exhaust_descriptors();
    int result = dispatcher->create(&state);

    restore_descriptors(limit);
    ck_assert_int_eq(result, built_in[_i].without_descriptor);
    if (result == 0) {
        dispatcher->destroy(state);
    } else {
        ck_assert_ptr_eq(state, &nobody);
    }
}
END_TEST

START_TEST(without_memory_there_is_no_state)
{
    const struct event_dispatcher *dispatcher = built_in[_i].dispatcher;
    int before = open_descriptors();
    void *state;

    for (int spared = 0; spared < built_in[_i].allocations_of_create; spared++) {
        allocations_fail_after(spared);
        int result = dispatcher->create(&state);
        allocations_succeed();
        ck_assert_int_eq(result, -ENOMEM);
    }
    ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(without_memory_add_fails_and_changes_nothing)
{
    const struct event_dispatcher *dispatcher = built_in[_i].dispatcher;
    struct ready_event event;
    int pair[2];
    void *state;

    stream_pair(pair);
    peer_sends(pair[1], "x", 1);
    ck_assert_int_eq(dispatcher->create(&state), 0);
    for (int spared = 0; spared < built_in[_i].allocations_of_add; spared++) {
        allocations_fail_after(spared);
        int result = dispatcher->add(state, pair[0], EVENT_READ);
        allocations_succeed();
        ck_assert_int_eq(result, -ENOMEM);
        ck_assert_int_eq(dispatcher->wait(state, 0, &event, 1), 0);
    }
    ck_assert_int_eq(dispatcher->add(state, pair[0], EVENT_READ), 0);
    ck_assert_int_eq(dispatcher->wait(state, 0, &event, 1), 1);
    ck_assert_int_eq(event.fd, pair[0]);
    dispatcher->destroy(state);
}
END_TEST

int main(void)
{
    enum { BUILT_IN = sizeof built_in / sizeof *built_in };
    Suite *suite = suite_create("dispatchers");

    TCase *listing = tcase_create("listing");
    tcase_add_loop_test(listing, without_extensions_there_are_three_and_epoll_is_the_default, 0, 2);
    tcase_add_test(listing, a_dispatcher_of_the_extensions_stands_beside_the_built_in_ones);
    tcase_add_test(listing, a_name_that_is_taken_is_eexist);
    suite_add_tcase(suite, listing);

    TCase *server = tcase_create("server");
    tcase_add_test(server, the_server_refuses_extensions_whose_name_is_taken);
    tcase_add_test(server, the_server_offers_the_dispatcher_of_the_extensions);
    tcase_add_test(server, the_server_refuses_a_dispatcher_that_nobody_has);
    suite_add_tcase(suite, server);

    TCase *limits = tcase_create("limits");
    tcase_add_loop_test(limits, only_select_refuses_a_descriptor_of_fd_setsize, 0, BUILT_IN);
    tcase_add_loop_test(limits, only_epoll_needs_a_descriptor_of_its_own, 0, BUILT_IN);
    tcase_add_loop_test(limits, without_memory_there_is_no_state, 0, BUILT_IN);
    tcase_add_loop_test(limits, without_memory_add_fails_and_changes_nothing, 0, BUILT_IN);
    suite_add_tcase(suite, limits);
    return run_suite(suite);
}
