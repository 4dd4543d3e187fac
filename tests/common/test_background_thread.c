#include "background_thread.h"
#include "suite_runner.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>

/* The name that the linker's --wrap gives to the wrapper and to what it stands before. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);

static int create_error;
static sigset_t mask_at_creation;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    pthread_sigmask(SIG_BLOCK, NULL, &mask_at_creation);
    return create_error != 0 ? create_error
                             : __real_pthread_create(thread, attributes, start, argument);
}

/* Whether the kernel lets a thread block it; the C library keeps two more for itself. */
static bool can_be_blocked(int number)
{
    return number != SIGKILL && number != SIGSTOP && (number <= SIGSYS || number >= SIGRTMIN);
}

static void expect_all_blocked(const sigset_t *mask)
{
    for (int number = 1; number <= SIGRTMAX; number++) {
        ck_assert_msg(!can_be_blocked(number) || sigismember(mask, number) == 1,
                      "signal %d is not blocked", number);
    }
}

static void expect_same_mask(const sigset_t *expected)
{
    sigset_t now;

    pthread_sigmask(SIG_BLOCK, NULL, &now);
    for (int number = 1; number <= SIGRTMAX; number++) {
        ck_assert_msg(sigismember(&now, number) == sigismember(expected, number),
                      "signal %d: blocked before: %d, now: %d", number,
                      sigismember(expected, number), sigismember(&now, number));
    }
}

static void *tell_mask(void *ret_mask)
{
    pthread_sigmask(SIG_BLOCK, NULL, ret_mask);
    return ret_mask;
}

START_TEST(it_is_born_with_every_signal_blocked)
{
    pthread_t thread;
    sigset_t mask;
    void *result;

    ck_assert_int_eq(background_thread_start(&thread, "tested", tell_mask, &mask), 0);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, &mask);
    /* At the creation already: between birth and the first statement a signal could get in. */
    expect_all_blocked(&mask_at_creation);
    expect_all_blocked(&mask);
}
END_TEST

static void block_one(sigset_t *ret_before)
{
    sigset_t one;

    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &one, NULL), 0);
    pthread_sigmask(SIG_BLOCK, NULL, ret_before);
}

START_TEST(who_starts_it_keeps_the_mask_that_it_had)
{
    pthread_t thread;
    sigset_t before;
    sigset_t mask;

    block_one(&before);
    ck_assert_int_eq(background_thread_start(&thread, "tested", tell_mask, &mask), 0);
    expect_same_mask(&before);
    pthread_join(thread, NULL);
}
END_TEST

START_TEST(without_a_thread_the_error_is_told_and_the_mask_is_as_it_was)
{
    pthread_t thread;
    sigset_t before;
    sigset_t mask;

    block_one(&before);
    create_error = EAGAIN;
    ck_assert_int_eq(background_thread_start(&thread, "tested", tell_mask, &mask), -EAGAIN);
    expect_same_mask(&before);
}
END_TEST

static void *await_turn(void *turn)
{
    pthread_mutex_lock(turn);
    pthread_mutex_unlock(turn);
    return NULL;
}

START_TEST(it_has_its_name_as_soon_as_it_is_started)
{
    static const char name[] = "fifteen-letters";
    pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    pthread_t thread;
    char got[16] = "";

    pthread_mutex_lock(&turn);
    ck_assert_int_eq(background_thread_start(&thread, name, await_turn, &turn), 0);
    ck_assert_int_eq(pthread_getname_np(thread, got, sizeof got), 0);
    pthread_mutex_unlock(&turn);
    pthread_join(thread, NULL);
    ck_assert_str_eq(got, name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("background_thread");
    TCase *signals = tcase_create("signals");
    TCase *names = tcase_create("names");

    tcase_add_test(signals, it_is_born_with_every_signal_blocked);
    tcase_add_test(signals, who_starts_it_keeps_the_mask_that_it_had);
    tcase_add_test(signals, without_a_thread_the_error_is_told_and_the_mask_is_as_it_was);
    suite_add_tcase(suite, signals);
    tcase_add_test(names, it_has_its_name_as_soon_as_it_is_started);
    suite_add_tcase(suite, names);
    return run_suite(suite);
}
