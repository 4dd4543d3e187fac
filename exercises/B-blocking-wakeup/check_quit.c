#include "check_quit.h"

#include "check_kernel.h"
#include "grader.h"

#include <stdbool.h>
#include <stddef.h>

static const char QUIT[] =
    "loop_run returns when all tasks posted before loop_quit have run (contract, 5)";
static const char ALONE[] = "each loop has tasks and wakeups of its own (contract, 1 and 4)";

static void post_three_and_quit(void *argument)
{
    (void)argument;
    post_numbers(5, 8);
    loop_quit(loop);
}

START_TEST(what_was_posted_before_quit_runs)
{
    if (_i == 0) {
        grader_step("five tasks are posted; loop_quit; loop_run");
        post_numbers(0, 5);
        loop_quit(loop);
    } else {
        grader_step("five tasks are posted, and one that posts three more and quits");
        post_numbers(0, 5);
        post_here(post_three_and_quit, NULL);
    }
    loop_run(loop);
    grader_expect(ran == 5 + 3 * _i, QUIT, "expected %d tasks to have run, got %d", 5 + 3 * _i,
                  ran);
}
END_TEST

static void run_elsewhere(void *ret_ran)
{
    *(bool *)ret_ran = true;
    atomic_store(&tasks_left, 0);
}

START_TEST(two_loops_know_nothing_of_each_other)
{
    struct loop *first = loop;
    bool has_run = false;

    grader_step("a task is posted to a loop that does not run");
    post_numbers(0, 1);
    grader_step("another loop gets a task, and one that quits");
    loop = loop_create();
    ck_assert(loop != NULL);
    post_here(run_elsewhere, &has_run);
    post_here(quit, NULL);
    atomic_store(&tasks_left, 2);
    loop_run(loop);
    grader_expect(has_run && ran == 0, ALONE, "expected the task of this loop to have run, alone");
    loop_destroy(loop);
    loop = first;
    post_here(quit, NULL);
    atomic_store(&tasks_left, 2);
    loop_run(loop);
    expect_ran(1);
}
END_TEST

/* To the group of checks that have a loop. */
void add_quit_checks(void)
{
    grader_add_loop(what_was_posted_before_quit_runs, 0, 2);
    grader_add(two_loops_know_nothing_of_each_other);
}
