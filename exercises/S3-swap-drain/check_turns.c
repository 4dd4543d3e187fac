/* run-under: ndebug thread */
/*
 * The grader of S3-swap-drain.
 *
 * check_tasks.h has tasks with a script, which note what became of them; check_locks.h sees the
 * answer's mutexes. check_posters.c has the checks with many threads.
 */
#include "check_locks.h"
#include "check_posters.h"
#include "check_tasks.h"
#include "grader.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const char ORDER[] = "a turn runs every task once, in the order of the posts (contract, 2)";
static const char NEXT_TURN[] = "what is posted during a turn runs in the next one (contract, 3)";
static const char UNLOCKED[] = "nobody who posts waits for a task (contract, 4)";
static const char FEW_LOCKS[] = "a turn locks as often for a thousand tasks as for one "
                                "(contract, 5)";
static const char NESTED[] = "inside of a turn, run returns 0 and runs nothing; the turn then goes "
                             "on (contract, 6)";
static const char DROPPED[] = "close drops every task that has not run, once, in their order "
                              "(contract, 7)";
static const char CLOSED[] = "a closed list takes nothing: -ESHUTDOWN, and the task is the "
                             "poster's (contract, 8)";
static const char ALONE[] = "two lists know nothing of each other (contract, 10)";

static void expect_happened(const char *events, const char *rule)
{
    const char *got = happened();

    grader_expect(strcmp(got, events) == 0, rule, "expected '%s' (-X: X was dropped), got '%s'",
                  events, got);
}

START_TEST(tasks_run_in_the_order_of_the_posts)
{
    expect_turn(0, "", ORDER);
    grader_step("post A, B, C");
    post('A', NULL);
    post('B', NULL);
    post('C', NULL);
    expect_turn(3, "ABC", ORDER);
    expect_turn(0, "", ORDER);
    grader_step("post D, E");
    post('D', NULL);
    post('E', NULL);
    expect_turn(2, "DE", ORDER);
}
END_TEST

static void *post_x(void *argument)
{
    struct note *note = argument;

    return task_list_post(list, &note->task) == 0 ? note : NULL;
}

static void let_another_thread_post(struct note *note)
{
    struct note *other = note_create('X', NULL);

    expect_unlocked(note);
    grader_step("task %c has its turn; another thread posts X, and %c waits for that", note->name,
                note->name);
    in_another_thread(post_x, other);
}

START_TEST(others_post_while_a_task_runs)
{
    post('A', let_another_thread_post);
    post('B', NULL);
    grader_step("two turns");
    task_list_run(list);
    task_list_run(list);
    expect_happened("ABX", UNLOCKED);
}
END_TEST

static void use_node(struct note *note)
{
    grader_step("task %c runs, and uses its node for something else", note->name);
    use_own_next(note);
}

START_TEST(a_task_that_runs_has_left_the_list)
{
    post('A', use_node);
    post('B', use_node);
    expect_turn(2, "AB", ORDER);
}
END_TEST

static void post_two(struct note *note)
{
    (void)note;
    grader_step("task A runs, and posts X and Y");
    post('X', NULL);
    post('Y', NULL);
}

START_TEST(what_a_task_posts_runs_in_the_next_turn)
{
    post('A', post_two);
    post('B', NULL);
    expect_turn(2, "AB", NEXT_TURN);
    grader_step("post C");
    post('C', NULL);
    expect_turn(3, "XYC", NEXT_TURN);
}
END_TEST

static void post_itself(struct note *note)
{
    grader_step("task %c runs, and posts itself again", note->name);
    post_note(note);
}

START_TEST(a_task_may_post_itself_again)
{
    struct note *first = post('A', post_itself);
    struct note *last;

    post('B', NULL);
    last = post('C', post_itself);
    expect_turn(3, "ABC", NEXT_TURN);
    expect_turn(2, "AC", NEXT_TURN);
    first->script = NULL;
    last->script = NULL;
    expect_turn(2, "AC", NEXT_TURN);
    expect_turn(0, "", NEXT_TURN);
}
END_TEST

static void do_nothing(struct task *task)
{
    (void)task;
}

static int locks_of_a_turn(size_t count)
{
    static struct task tasks[1000];

    for (size_t i = 0; i < count; i++) {
        tasks[i] = (struct task){.run = do_nothing, .drop = do_nothing};
        task_list_post(list, &tasks[i]);
    }
    int before = locks_taken();
    size_t ran = task_list_run(list);
    int taken = locks_taken() - before;
    grader_expect(ran == count, ORDER, "expected %zu tasks, got %zu", count, ran);
    return taken;
}

START_TEST(a_turn_of_many_tasks_locks_no_more_often)
{
    grader_step("a turn with 1 task, then one with 1000");
    int one = locks_of_a_turn(1);
    int thousand = locks_of_a_turn(1000);
    grader_expect(thousand <= one, FEW_LOCKS, "1 task: %d times; 1000 tasks: %d times", one,
                  thousand);
}
END_TEST

static void run_inside(struct note *note)
{
    grader_step("task %c runs, posts X, and calls task_list_run", note->name);
    post('X', NULL);
    size_t ran = task_list_run(list);
    grader_expect(ran == 0, NESTED, "expected 0, got %zu", ran);
}

START_TEST(a_turn_inside_of_a_turn_runs_nothing)
{
    post('A', NULL);
    post('B', run_inside);
    post('C', NULL);
    expect_turn(3, "ABC", NESTED);
    expect_turn(1, "X", NESTED);
    expect_turn(0, "", NESTED);
}
END_TEST

static void expect_refused(void)
{
    struct note *note = note_create('R', NULL);

    int result = task_list_post(list, &note->task);
    grader_expect(result == -ESHUTDOWN, CLOSED, "post: expected -ESHUTDOWN (%d), got %d",
                  -ESHUTDOWN, result);
}

START_TEST(close_drops_what_waits)
{
    post('A', NULL);
    post('B', NULL);
    grader_step("A and B wait; close");
    task_list_close(list);
    expect_happened("-A-B", DROPPED);
    grader_step("post; close again; a turn");
    expect_refused();
    task_list_close(list);
    expect_turn(0, "", CLOSED);
}
END_TEST

START_TEST(destroy_closes)
{
    struct task_list *third;

    ck_assert_int_eq(task_list_create(&third), 0);
    grader_step("A and B wait; destroy");
    task_list_post(third, &note_create('A', NULL)->task);
    task_list_post(third, &note_create('B', NULL)->task);
    task_list_destroy(third);
    expect_happened("-A-B", "destroy closes the list first (contract, 9)");
}
END_TEST

static void close_inside(struct note *note)
{
    grader_step("task %c runs, posts X, and closes the list", note->name);
    post('X', NULL);
    task_list_close(list);
    expect_refused();
}

START_TEST(a_task_may_close_the_list)
{
    post('A', NULL);
    post('B', close_inside);
    post('C', NULL);
    post('D', NULL);
    expect_turn(2, "AB-C-D-X", DROPPED);
    expect_turn(0, "", CLOSED);
}
END_TEST

static void only_close(struct note *note)
{
    grader_step("task %c runs, and closes the list; nothing was posted meanwhile", note->name);
    task_list_close(list);
}

START_TEST(a_task_may_close_a_list_that_is_empty)
{
    post('A', only_close);
    post('B', NULL);
    post('C', NULL);
    expect_turn(1, "A-B-C", DROPPED);
    expect_turn(0, "", CLOSED);
}
END_TEST

START_TEST(others_post_while_a_task_is_dropped)
{
    post('A', NULL)->at_drop = let_another_thread_post;
    post('B', NULL)->at_drop = use_own_next;
    post('C', NULL);
    grader_step("close");
    task_list_close(list);
    expect_happened("-A-B-C", DROPPED);
}
END_TEST

static void post_and_close_again(struct note *note)
{
    grader_step("task %c is dropped; it posts another one, and closes the list", note->name);
    expect_refused();
    task_list_close(list);
}

START_TEST(a_task_that_is_dropped_finds_the_list_closed)
{
    post('A', NULL)->at_drop = post_and_close_again;
    post('B', NULL)->at_drop = post_and_close_again;
    task_list_close(list);
    expect_happened("-A-B", DROPPED);
}
END_TEST

static bool closed_by_hook;

static void close_list(void)
{
    closed_by_hook = true;
    task_list_close(list);
}

START_TEST(a_close_just_before_the_post_is_seen)
{
    struct note *note = note_create('A', NULL);

    grader_step("a thread is about to lock the mutex, in post; the list is closed just then");
    locks_before_next(close_list);
    int result = task_list_post(list, &note->task);
    locks_before_next(NULL);
    if (!closed_by_hook) {
        /* It locks nothing of what is seen here: then the close comes after the post. */
        task_list_close(list);
    }
    bool dropped = strcmp(happened(), "-A") == 0;
    grader_expect(result == (dropped ? 0 : -ESHUTDOWN), CLOSED,
                  "expected -ESHUTDOWN (%d), or 0 and a task that is dropped; got %d, and the task "
                  "is %s",
                  -ESHUTDOWN, result, dropped ? "dropped" : "neither run nor dropped");
}
END_TEST

START_TEST(two_lists_are_two)
{
    struct note *note = note_create('O', NULL);

    grader_step("post A to one list, O to another one");
    post('A', NULL);
    ck_assert_int_eq(task_list_post(other_list, &note->task), 0);
    expect_turn(1, "A", ALONE);
    grader_step("close the first; a turn of the other one");
    task_list_close(list);
    size_t ran = task_list_run(other_list);
    grader_expect(ran == 1, ALONE, "expected 1 task, got %zu", ran);
    expect_happened("O", ALONE);
}
END_TEST

static void run_the_other_list(struct note *note)
{
    grader_step("task %c runs, and calls task_list_run for the other list", note->name);
    size_t ran = task_list_run(other_list);
    grader_expect(ran == 1, ALONE, "expected 1 task, got %zu", ran);
}

START_TEST(a_task_may_run_another_list)
{
    struct note *note = note_create('O', NULL);

    post('A', run_the_other_list);
    post('B', NULL);
    ck_assert_int_eq(task_list_post(other_list, &note->task), 0);
    expect_turn(2, "AOB", ALONE);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("turns", lists_create, lists_destroy);
    grader_add(tasks_run_in_the_order_of_the_posts);
    grader_add(others_post_while_a_task_runs);
    grader_add(a_task_that_runs_has_left_the_list);
    grader_add(what_a_task_posts_runs_in_the_next_turn);
    grader_add(a_task_may_post_itself_again);
    grader_add(a_turn_of_many_tasks_locks_no_more_often);
    grader_add(a_turn_inside_of_a_turn_runs_nothing);
    grader_group("closing", lists_create, lists_destroy);
    grader_add(close_drops_what_waits);
    grader_add(others_post_while_a_task_is_dropped);
    grader_add(destroy_closes);
    grader_add(a_task_may_close_the_list);
    grader_add(a_task_may_close_a_list_that_is_empty);
    grader_add(a_task_that_is_dropped_finds_the_list_closed);
    grader_add(a_close_just_before_the_post_is_seen);
    grader_add(two_lists_are_two);
    grader_add(a_task_may_run_another_list);
    add_poster_checks();
    return grader_run(argc, argv);
}
