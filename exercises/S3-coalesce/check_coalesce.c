/* run-under: ndebug thread */
/*
 * The grader of S3-coalesce.
 *
 * Its wakeup is a variable, and it plays the critical interleavings one by one: see check_inbox.h.
 * check_threads.c has real threads and the wakeups of stage 3.
 */
#include "check_inbox.h"
#include "check_threads.h"
#include "grader.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

static const char ORDER[] = "take gives the oldest items, in the order of the posts, each once "
                            "(contract, 2 and 4)";
static const char WOKEN[] = "when a post has returned, the reading end is readable or the item has "
                            "been taken (contract, 2)";
static const char ONE_WAKE[] = "between two takes the loop is woken once at most (contract, 3)";
static const char UNLOCKED[] = "wake is called without a mutex (contract, 3)";
static const char LEFT[] = "when take leaves items, the reading end is readable (contract, 5)";
static const char QUIET[] = "when take leaves nothing, the reading end is not readable, unless "
                            "somebody posted meanwhile (contract, 5)";
static const char NONE_LOST[] = "whatever comes in between: items that wait keep the reading end "
                                "readable (contract, 2 and 5)";
static const char RETRY[] = "after a wake that failed, the next post tries again (contract, 6)";
static const char CLOSED_ONCE[] = "destroy closes each descriptor once (contract, 7)";
static const char ALONE[] = "two inboxes know nothing of each other (contract, 8)";
static const char NO_MEMORY[] = "a post allocates nothing (contract)";
static const char NO_WAKEUP[] = "without a wakeup, create returns its error and keeps nothing "
                                "(contract, 1)";

enum { MOST_ITEMS = 2000, MOST_MOMENTS = 100 };

/* As the C library counts them; a sanitizer's own allocator says nothing. */
static size_t bytes_allocated(void)
{
#ifdef __GLIBC__
    return mallinfo2().uordblks;
#else
    return 0;
#endif
}

static struct inbox *inbox;
static struct inbox_item items[MOST_ITEMS];
static size_t posted;
static size_t taken;

static void create(void)
{
    int result = inbox_create(&scripted_wakeup, &inbox);

    grader_expect(result == 0, "create returns 0 (contract, 1)", "expected 0, got %d", result);
    posted = 0;
    taken = 0;
}

static void destroy(void)
{
    inbox_destroy(inbox);
}

static void post(void)
{
    ck_assert_uint_lt(posted, MOST_ITEMS);
    /* What is in `next` before the post means nothing. */
    items[posted].next = &items[0];
    posted++;
    inbox_post(inbox, &items[posted - 1]);
}

static void post_many(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        post();
    }
}

static void take_any(void)
{
    struct inbox_item *batch[2];

    taken += inbox_take(inbox, batch, 2);
}

/* Takes up to `most`, and expects the next ones in order. Returns how many it got. */
static size_t take(size_t most)
{
    struct inbox_item *batch[MOST_ITEMS];

    size_t count = inbox_take(inbox, batch, most);
    grader_expect(count <= most, ORDER, "at most %zu were wanted, got %zu", most, count);
    for (size_t i = 0; i < count; i++) {
        grader_expect(taken < posted && batch[i] == &items[taken], ORDER,
                      "%zu posted, %zu taken: expected item %zu next, got another one", posted,
                      taken, taken);
        taken++;
    }
    return count;
}

static void expect_taken(size_t most, size_t expected)
{
    size_t count = take(most);

    grader_expect(count == expected, ORDER, "take(%zu): expected %zu items, got %zu", most,
                  expected, count);
}

START_TEST(what_is_posted_is_taken_in_order)
{
    grader_step("a new inbox; take");
    expect_taken(4, 0);
    grader_step("post 3 items, take up to 10");
    post_many(3);
    expect_taken(10, 3);
    grader_step("post 5, take up to 2, post 1 more, take the rest");
    post_many(5);
    expect_taken(2, 2);
    post_many(1);
    expect_taken(2, 2);
    expect_taken(10, 2);
    expect_taken(10, 0);
}
END_TEST

START_TEST(a_post_wakes_the_loop)
{
    grader_expect(inbox_fd(inbox) == scripted.read_fd, "inbox_fd is the reading end (contract, 1)",
                  "expected %d, got %d", scripted.read_fd, inbox_fd(inbox));
    for (int round = 1; round <= 3; round++) {
        grader_step("round %d: post, then take", round);
        post();
        grader_expect(scripted.readable, WOKEN, "posted: not readable");
        expect_taken(4, 1);
        grader_expect(!scripted.readable, QUIET, "all taken: readable");
        expect_taken(4, 0);
    }
}
END_TEST

START_TEST(many_posts_wake_once)
{
    for (int round = 1; round <= 3; round++) {
        int before = scripted.wakes;
        grader_step("100 posts without a take in between");
        post_many(100);
        grader_expect(scripted.wakes - before == 1, ONE_WAKE, "100 posts: expected 1 wake, got %d",
                      scripted.wakes - before);
        expect_taken(MOST_ITEMS, 100);
    }
}
END_TEST

START_TEST(the_loop_is_woken_without_the_mutex)
{
    grader_step("post 3, take 1, take 2");
    post_many(3);
    grader_expect(!scripted.wake_was_locked, UNLOCKED, "post called it with a mutex locked");
    expect_taken(1, 1);
    expect_taken(2, 2);
    grader_expect(!scripted.wake_was_locked, UNLOCKED, "take called it with a mutex locked");
}
END_TEST

START_TEST(what_is_left_keeps_the_loop_awake)
{
    grader_step("post 5, take 2 at a time");
    post_many(5);
    expect_taken(2, 2);
    grader_expect(scripted.readable, LEFT, "3 are left: not readable");
    expect_taken(2, 2);
    grader_expect(scripted.readable, LEFT, "1 is left: not readable");
    expect_taken(2, 1);
    grader_expect(!scripted.readable, QUIET, "none is left: readable");
    grader_step("post 2, take exactly 2");
    post_many(2);
    expect_taken(2, 2);
    grader_expect(!scripted.readable, QUIET, "none is left: readable");
}
END_TEST

START_TEST(posts_behind_what_is_left_wake_nobody)
{
    grader_step("post 3, take 1: the loop is awake, as 2 are left");
    post_many(3);
    expect_taken(1, 1);
    int before = scripted.wakes;
    grader_step("100 posts");
    post_many(100);
    grader_expect(scripted.wakes == before, ONE_WAKE,
                  "the reading end was readable: expected no wake, got %d",
                  scripted.wakes - before);
    expect_taken(MOST_ITEMS, 102);
    grader_expect(!scripted.readable, QUIET, "none is left: readable");
}
END_TEST

static void post_two(void)
{
    post_many(2);
}

/* The loop of a server: it takes when it is woken, and at no other time. */
static void serve(size_t most, const char *what, const char *when)
{
    struct inbox_item *batch[4];

    for (size_t turns = 0; scripted.readable; turns++) {
        grader_expect(turns < MOST_ITEMS, QUIET, "%s, %s: readable for ever", what, when);
        taken += inbox_take(inbox, batch, most);
    }
    grader_expect(taken == posted, NONE_LOST,
                  "%s %s: now %zu items wait, and the reading end is not readable", what, when,
                  posted - taken);
}

/*
 * With `before` items in the inbox: `action` comes in between at every moment of `operation`, one
 * after the other.
 */
static void play(size_t before, void (*operation)(void), void (*action)(void), const char *what)
{
    bool came = true;

    for (int number = 0; came; number++) {
        grader_expect(number < MOST_MOMENTS, NONE_LOST, "%d moments, and no end", number);
        create();
        post_many(before);
        at_moment(number, action);
        operation();
        came = moment_came();
        serve(2, what, moment_name());
        /* Once more: a mark that was left behind would keep everybody from waking. */
        post();
        serve(1, what, moment_name());
        destroy();
        scripted.readable = false;
    }
}

START_TEST(a_post_in_the_middle_of_a_take_is_not_lost)
{
    for (size_t before = 0; before <= 3; before++) {
        grader_step("%zu items in the inbox; take(2), and in the middle of it 1 or 2 posts",
                    before);
        play(before, take_any, post, "take(2); another thread posts");
        play(before, take_any, post_two, "take(2); another thread posts twice");
    }
}
END_TEST

START_TEST(a_take_in_the_middle_of_a_post_loses_nothing)
{
    for (size_t before = 0; before <= 3; before++) {
        grader_step("%zu items in the inbox; a post, and in the middle of it a take(2)", before);
        play(before, post, take_any, "post; the loop takes");
    }
}
END_TEST

START_TEST(a_post_in_the_middle_of_a_post_is_not_lost)
{
    for (size_t before = 0; before <= 1; before++) {
        grader_step("%zu items in the inbox; a post, and in the middle of it a post", before);
        play(before, post, post, "post; another thread posts");
    }
}
END_TEST

START_TEST(after_a_wake_that_failed_the_next_post_wakes)
{
    grader_step("post; wake returns -ENOBUFS");
    scripted.wake_error = -ENOBUFS;
    post();
    int before = scripted.wakes;
    scripted.wake_error = 0;
    grader_step("wake works again; post");
    post();
    grader_expect(scripted.wakes - before == 1, RETRY, "expected 1 wake, got %d",
                  scripted.wakes - before);
    grader_step("take 1 of 2; its wake returns -ENOBUFS");
    scripted.wake_error = -ENOBUFS;
    expect_taken(1, 1);
    scripted.wake_error = 0;
    if (!scripted.readable) {
        grader_step("wake works again; post");
        post();
        grader_expect(scripted.readable, RETRY, "not readable");
    }
    serve(2, "then", "the loop is woken");
}
END_TEST

START_TEST(destroy_closes_each_descriptor_once)
{
    static const bool one_number[] = {false, true};

    for (int i = 0; i < 2; i++) {
        scripted = (struct scripted){.one_number = one_number[i], .read_fd = -1, .write_fd = -1};
        grader_step("create and destroy; the wakeup has %s", i == 0 ? "two ends" : "one number");
        create();
        post();
        destroy();
        grader_expect(scripted.closed[0] == 1, CLOSED_ONCE,
                      "the reading end: expected 1 close, got %d", scripted.closed[0]);
        grader_expect(scripted.closed[1] == (i == 0 ? 1 : 0), CLOSED_ONCE,
                      "the writing end: expected 1 close, got %d", scripted.closed[1]);
    }
}
END_TEST

START_TEST(two_inboxes_know_nothing_of_each_other)
{
    static struct inbox_item item;
    struct inbox *second;

    grader_step("two inboxes; post to the first, then to the second");
    create();
    int read_fd = scripted.read_fd;
    int write_fd = scripted.write_fd;
    ck_assert_int_eq(inbox_create(&scripted_wakeup, &second), 0);
    struct scripted of_second = scripted;
    scripted.read_fd = read_fd;
    scripted.write_fd = write_fd;
    post();
    scripted = of_second;
    inbox_post(second, &item);
    grader_expect(scripted.readable && scripted.wakes == 1, ALONE, "expected 1 wake, got %d",
                  scripted.wakes);
    struct inbox_item *got = NULL;
    size_t count = inbox_take(second, &got, 1);
    grader_expect(count == 1 && got == &item, ALONE, "take from the second: expected its item");
    inbox_destroy(second);
    expect_taken(2, 1);
    destroy();
}
END_TEST

START_TEST(a_post_allocates_nothing)
{
    enum { POSTS = 500 };

    grader_step("post %d items", POSTS);
    create();
    size_t before = bytes_allocated();
    post_many(POSTS);
    size_t more = bytes_allocated() - before;
    grader_expect(more == 0, NO_MEMORY, "expected 0 bytes more in use, got %zu", more);
    expect_taken(POSTS, POSTS);
    destroy();
}
END_TEST

START_TEST(without_a_wakeup_there_is_no_inbox)
{
    struct inbox *none = NULL;

    scripted.open_error = -EMFILE;
    grader_step("create; open returns -EMFILE");
    int result = inbox_create(&scripted_wakeup, &none);
    grader_expect(result == -EMFILE, NO_WAKEUP, "expected -EMFILE (%d), got %d", -EMFILE, result);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("one after the other", create, destroy);
    grader_add(what_is_posted_is_taken_in_order);
    grader_add(a_post_wakes_the_loop);
    grader_add(many_posts_wake_once);
    grader_add(the_loop_is_woken_without_the_mutex);
    grader_add(what_is_left_keeps_the_loop_awake);
    grader_add(posts_behind_what_is_left_wake_nobody);
    grader_group("interleaved", NULL, NULL);
    grader_add(a_post_in_the_middle_of_a_take_is_not_lost);
    grader_add(a_take_in_the_middle_of_a_post_loses_nothing);
    grader_add(a_post_in_the_middle_of_a_post_is_not_lost);
    grader_group("failures", create, destroy);
    grader_add(after_a_wake_that_failed_the_next_post_wakes);
    grader_group("begin and end", NULL, NULL);
    grader_add(destroy_closes_each_descriptor_once);
    grader_add(two_inboxes_know_nothing_of_each_other);
    grader_add(a_post_allocates_nothing);
    grader_add(without_a_wakeup_there_is_no_inbox);
    add_thread_checks();
    return grader_run(argc, argv);
}
