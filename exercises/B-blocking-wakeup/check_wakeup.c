/* run-under: thread */
/*
 * The grader of B-blocking-wakeup. Its main thread is the loop's thread. check_kernel.c stands
 * between the program and the kernel.
 */
#include "check_kernel.h"
#include "check_quit.h"
#include "diagnosis.h"
#include "grader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>

int answer_main(int argc, char **argv);

enum { MANY = 20000, FROM_EACH = 1000, POSTERS = 4, ROUNDS = 500, MOST_FDS = 64 };

static const char IN_ORDER[] = "each task runs once, in the order of the posts (contract, 1)";
static const char ON_THE_LOOP[] = "tasks run in loop_run, never inside loop_post (contract, 3)";
static const char TAKEN[] = "loop_post takes the task and returns 0 (contract, 1)";
static const char GIVEN_BACK[] = "loop_destroy gives everything back (contract, 6)";

struct loop *loop;
int ran;
static int numbers[MANY];

static void create_loop(void)
{
    loop = loop_create();
    ck_assert(loop != NULL);
    for (int i = 0; i < MANY; i++) {
        numbers[i] = i;
    }
}

static void destroy_loop(void)
{
    loop_destroy(loop);
}

/* Posts as the program's user does. Thread: any. */
static int post(void (*run)(void *argument), void *argument)
{
    in_post++;
    posts_in_vain = 0;
    int result = loop_post(loop, run, argument);
    in_post--;
    return result;
}

void post_here(void (*run)(void *argument), void *argument)
{
    int result = post(run, argument);
    grader_expect(result == 0, TAKEN, "expected 0, got %d (%s)", result, strerror(-result));
}

/* A task with a number: it has to be the next one. */
static void run_number(void *argument)
{
    int number = *(int *)argument;

    grader_expect(in_post == 0, ON_THE_LOOP, "task %d runs inside loop_post", number);
    grader_expect(number == ran, IN_ORDER, "expected task %d, got task %d", ran, number);
    ran++;
    if (atomic_load(&tasks_left) > 0) {
        atomic_fetch_sub(&tasks_left, 1);
    }
}

void quit(void *argument)
{
    (void)argument;
    atomic_store(&tasks_left, 0);
    loop_quit(loop);
}

void expect_ran(int expected)
{
    grader_expect(ran == expected, IN_ORDER, "expected %d tasks to have run, got %d", expected,
                  ran);
}

void post_numbers(int from, int below)
{
    for (int i = from; i < below; i++) {
        post_here(run_number, &numbers[i]);
    }
}

START_TEST(the_line_is_found)
{
    diagnosis_expect_line("if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0",
                          "while (write(loop->waker, &byte, 1) < 0");
}
END_TEST

START_TEST(the_kind_is_named)
{
    diagnosis_expect_bug(BUG_DEADLOCK);
}
END_TEST

START_TEST(the_tool_shows_it)
{
    diagnosis_expect_tool(1U << TOOL_GDB | 1U << TOOL_STRACE | 1U << TOOL_NETWORK);
}
END_TEST

START_TEST(tasks_run_in_order)
{
    grader_step("five tasks are posted, and one that quits");
    post_numbers(0, 5);
    post_here(quit, NULL);
    expect_ran(0);
    grader_step("loop_run");
    atomic_store(&tasks_left, 6);
    loop_run(loop);
    expect_ran(5);
}
END_TEST

START_TEST(posting_before_the_loop_runs_never_waits)
{
    grader_step("%d tasks are posted before anybody calls loop_run", MANY);
    post_numbers(0, MANY);
    grader_step("one that quits, and loop_run");
    post_here(quit, NULL);
    atomic_store(&tasks_left, MANY + 1);
    loop_run(loop);
    expect_ran(MANY);
}
END_TEST

static void post_many(void *argument)
{
    (void)argument;
    grader_step("a task posts %d tasks to its own loop, and one that quits", MANY);
    atomic_store(&tasks_left, MANY + 1);
    post_numbers(0, MANY);
    post_here(quit, NULL);
    expect_ran(0);
}

START_TEST(posting_on_the_loops_own_thread_never_waits)
{
    post_here(post_many, NULL);
    loop_run(loop);
    expect_ran(MANY);
}
END_TEST

static void *post_from_here(void *ret_failures)
{
    for (int i = 0; i < MANY; i++) {
        *(int *)ret_failures += post(run_number, &numbers[i]) != 0;
    }
    return NULL;
}

/* While this task runs, the loop cannot read what another thread writes. */
static void let_another_thread_post(void *argument)
{
    pthread_t thread;
    int failures = 0;

    (void)argument;
    grader_step("a task waits for another thread, which posts %d tasks", MANY);
    ck_assert(pthread_create(&thread, NULL, post_from_here, &failures) == 0);
    pthread_join(thread, NULL);
    grader_expect(failures == 0, TAKEN, "%d posts returned an error", failures);
    grader_expect(atomic_load(&waits_in_post) == 0, NO_WAIT,
                  "expected no post of the other thread to wait, but %d would",
                  atomic_load(&waits_in_post));
    atomic_store(&tasks_left, MANY + 1);
    post_here(quit, NULL);
}

START_TEST(another_thread_never_waits_for_a_busy_loop)
{
    post_here(let_another_thread_post, NULL);
    loop_run(loop);
    expect_ran(MANY);
}
END_TEST

static void post_the_next(void *argument)
{
    int number = *(int *)argument;

    run_number(argument);
    atomic_store(&tasks_left, 1);
    if (number + 1 < ROUNDS) {
        post_here(post_the_next, &numbers[number + 1]);
    } else {
        post_here(quit, NULL);
    }
}

START_TEST(a_task_that_posts_wakes_its_own_loop)
{
    grader_step("each of %d tasks posts the next one", ROUNDS);
    post_here(post_the_next, &numbers[0]);
    loop_run(loop);
    expect_ran(ROUNDS);
}
END_TEST

static void tell(void *semaphore)
{
    ran++;
    sem_post(semaphore);
}

/* First lets the loop sleep, then posts the next task when the last one has run: the loop goes to
 * sleep in between, or is about to. */
static void *post_and_wait(void *semaphore)
{
    while (!check_thread_sleeps()) {
        sched_yield();
    }
    for (int i = 0; i < ROUNDS; i++) {
        post(tell, semaphore);
        while (sem_wait(semaphore) < 0 && errno == EINTR) {
        }
    }
    loop_quit(loop);
    return NULL;
}

START_TEST(a_sleeping_loop_is_woken)
{
    pthread_t thread;
    sem_t semaphore;

    sem_init(&semaphore, 0, 0);
    atomic_store(&tasks_left, 0);
    grader_step("another thread waits until the loop sleeps, posts %d tasks, each when the last "
                "one has run, and quits",
                ROUNDS);
    ck_assert(pthread_create(&thread, NULL, post_and_wait, &semaphore) == 0);
    loop_run(loop);
    pthread_join(thread, NULL);
    sem_destroy(&semaphore);
    expect_ran(ROUNDS);
}
END_TEST

struct poster {
    pthread_t thread;
    int seen; /* of the loop's thread */
};

static struct poster posters[POSTERS];

struct entry {
    struct poster *poster;
    int number;
};

static struct entry entries[POSTERS][FROM_EACH];

static void run_entry(void *argument)
{
    const struct entry *entry = argument;

    grader_expect(entry->number == entry->poster->seen, IN_ORDER,
                  "expected task %d of a thread, got task %d", entry->poster->seen, entry->number);
    entry->poster->seen++;
    ran++;
    if (ran == POSTERS * FROM_EACH) {
        loop_quit(loop);
    }
}

static void *post_entries(void *argument)
{
    struct poster *poster = argument;
    struct entry *own = entries[poster - posters];

    for (int i = 0; i < FROM_EACH; i++) {
        own[i] = (struct entry){poster, i};
        post(run_entry, &own[i]);
    }
    return NULL;
}

START_TEST(threads_that_post_at_once_lose_nothing)
{
    grader_step("%d threads post %d tasks each while the loop runs", POSTERS, FROM_EACH);
    for (int i = 0; i < POSTERS; i++) {
        ck_assert(pthread_create(&posters[i].thread, NULL, post_entries, &posters[i]) == 0);
    }
    loop_run(loop);
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i].thread, NULL);
    }
    expect_ran(POSTERS * FROM_EACH);
    grader_expect(atomic_load(&waits_in_post) == 0, NO_WAIT,
                  "expected no post to wait, but %d would", atomic_load(&waits_in_post));
}
END_TEST

static int count_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < MOST_FDS; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

START_TEST(what_is_not_run_is_given_back)
{
    int before = count_descriptors();

    grader_step("a loop gets 1,000 tasks, never runs, and is destroyed");
    create_loop();
    post_numbers(0, 1000);
    destroy_loop();
    expect_ran(0);
    int after = count_descriptors();
    grader_expect(after == before, GIVEN_BACK, "expected %d open descriptors as before, got %d",
                  before, after);
}
END_TEST

START_TEST(main_ends_with_status_0)
{
    static char name[] = "program";
    char *argv[] = {name, NULL};

    grader_step("the program is started without arguments");
    int status = answer_main(1, argv);
    grader_expect(status == 0, "main ends by itself with status 0 (contract, 7)",
                  "expected status 0, got %d", status);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("diagnosis", NULL, NULL);
    grader_add(the_line_is_found);
    grader_add(the_kind_is_named);
    grader_add(the_tool_shows_it);
    grader_group("repair", create_loop, destroy_loop);
    grader_add(tasks_run_in_order);
    grader_add(posting_before_the_loop_runs_never_waits);
    grader_add(posting_on_the_loops_own_thread_never_waits);
    grader_add(another_thread_never_waits_for_a_busy_loop);
    grader_add(a_task_that_posts_wakes_its_own_loop);
    grader_add(a_sleeping_loop_is_woken);
    grader_add(threads_that_post_at_once_lose_nothing);
    add_quit_checks();
    grader_group("the rest", NULL, NULL);
    grader_add(what_is_not_run_is_given_back);
    grader_add(main_ends_with_status_0);
    return grader_run(argc, argv);
}
