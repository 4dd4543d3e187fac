#include "allocation_faults.h"
#include "buffer.h"
#include "suite_runner.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 20, STEPS = 2000, MODEL_BYTES = 1 << 20, LARGEST_PIECE = 700 };

/* What a buffer should hold, kept in the simplest way there is. */
struct model {
    char bytes[MODEL_BYTES];
    size_t length;
};

static void model_append(struct model *model, const void *bytes, size_t length)
{
    ck_assert_uint_le(model->length + length, MODEL_BYTES);
    memcpy(model->bytes + model->length, bytes, length);
    model->length += length;
}

static void model_consume(struct model *model, size_t length)
{
    model->length -= length;
    memmove(model->bytes, model->bytes + length, model->length);
}

static const char *random_step(struct buffer *buffer, struct model *model, unsigned *seed)
{
    char piece[LARGEST_PIECE];
    size_t length = (size_t)rand_r(seed) % sizeof piece;

    for (size_t i = 0; i < length; i++) {
        piece[i] = (char)rand_r(seed);
    }
    switch (rand_r(seed) % 8) {
    case 0:
    case 1:
        ck_assert_int_eq(buffer_append(buffer, piece, length), 0);
        model_append(model, piece, length);
        return "append";
    case 2: {
        /* As a reader does it: room for much, of which less is used. */
        char *room = buffer_reserve(buffer, length + 1);
        ck_assert_ptr_nonnull(room);
        memcpy(room, piece, length / 2);
        buffer_commit(buffer, length / 2);
        model_append(model, piece, length / 2);
        return "reserve and commit";
    }
    case 3: {
        int number = rand_r(seed);
        int digits = snprintf(piece, sizeof piece, "%d%*s", number, (int)length / 2, "x");
        ck_assert_int_eq(buffer_printf(buffer, "%d%*s", number, (int)length / 2, "x"), 0);
        model_append(model, piece, (size_t)digits);
        return "printf";
    }
    case 4:
        if (rand_r(seed) % 20 == 0) {
            buffer_release(buffer);
            model->length = 0;
            return "release";
        }
        buffer_consume(buffer, model->length);
        model->length = 0;
        return "consume all";
    default:
        length = model->length > 0 ? (size_t)rand_r(seed) % (model->length + 1) : 0;
        buffer_consume(buffer, length);
        model_consume(model, length);
        return "consume";
    }
}

START_TEST(random_operations_leave_what_a_simple_model_has)
{
    static struct model model;
    struct buffer buffer = {0};
    unsigned seed = (unsigned)_i + 1;

    for (int step = 0; step < STEPS; step++) {
        const char *what = random_step(&buffer, &model, &seed);
        bool same =
            buffer.length == model.length && buffer.start + buffer.length <= buffer.capacity &&
            (model.length == 0 || memcmp(buffer_data(&buffer), model.bytes, model.length) == 0);
        /* Check notes every ck_assert, which is slow in a loop as long as this one. */
        if (!same) {
            ck_abort_msg(
                "seed %d, step %d (%s): expected the model's %zu bytes, got %zu from %zu on, "
                "in %zu of memory",
                _i + 1, step, what, model.length, buffer.length, buffer.start, buffer.capacity);
        }
    }
    buffer_release(&buffer);
}
END_TEST

START_TEST(an_empty_buffer_owns_no_memory)
{
    struct buffer buffer = {0};

    ck_assert_ptr_null(buffer_data(&buffer));
    ck_assert_int_eq(buffer_append(&buffer, "", 0), 0);
    ck_assert_ptr_null(buffer.memory);
    ck_assert_int_eq(buffer_append(&buffer, "bytes", 5), 0);
    buffer_release(&buffer);
    ck_assert_ptr_null(buffer.memory);
    ck_assert_uint_eq(buffer.length, 0);
    ck_assert_uint_eq(buffer.capacity, 0);
}
END_TEST

START_TEST(a_released_buffer_may_be_used_again)
{
    struct buffer buffer = {0};

    ck_assert_int_eq(buffer_append(&buffer, "old", 3), 0);
    buffer_release(&buffer);
    ck_assert_int_eq(buffer_append(&buffer, "new", 3), 0);
    ck_assert_mem_eq(buffer_data(&buffer), "new", 3);
    buffer_release(&buffer);
}
END_TEST

START_TEST(clearing_keeps_small_memory_and_gives_large_memory_back)
{
    struct buffer buffer = {0};

    buffer_clear(&buffer, 0);
    ck_assert_int_eq(buffer_append(&buffer, "bytes", 5), 0);
    const char *memory = buffer.memory;
    buffer_clear(&buffer, buffer.capacity);
    ck_assert_uint_eq(buffer.length, 0);
    ck_assert_ptr_eq(buffer.memory, memory);
    ck_assert_int_eq(buffer_append(&buffer, "again", 5), 0);
    ck_assert_mem_eq(buffer_data(&buffer), "again", 5);
    buffer_clear(&buffer, buffer.capacity - 1);
    ck_assert_uint_eq(buffer.length, 0);
    ck_assert_ptr_null(buffer.memory);
}
END_TEST

START_TEST(each_growth_adds_at_least_half)
{
    struct buffer buffer = {0};
    size_t capacity = 0;

    for (int i = 0; i < 100000; i++) {
        if (buffer_append(&buffer, "x", 1) < 0) {
            ck_abort_msg("byte %d was not appended", i);
        }
        if (buffer.capacity != capacity) {
            ck_assert_uint_ge(buffer.capacity, capacity + capacity / 2);
            capacity = buffer.capacity;
        }
    }
    ck_assert_uint_eq(buffer.length, 100000);
    buffer_release(&buffer);
}
END_TEST

START_TEST(a_large_reservation_is_granted_at_once)
{
    struct buffer buffer = {0};
    enum { LARGE = 1000000 };
    char *room = buffer_reserve(&buffer, LARGE);

    ck_assert_ptr_nonnull(room);
    memset(room, 'x', LARGE);
    buffer_commit(&buffer, LARGE);
    ck_assert_uint_eq(buffer.length, LARGE);
    buffer_release(&buffer);
}
END_TEST

START_TEST(consumed_space_is_used_before_memory_grows)
{
    struct buffer buffer = {0};
    char half[128];

    memset(half, 'x', sizeof half);
    ck_assert_ptr_nonnull(buffer_reserve(&buffer, sizeof half * 2));
    size_t capacity = buffer.capacity;
    while (buffer.length + sizeof half <= capacity) {
        ck_assert_int_eq(buffer_append(&buffer, half, sizeof half), 0);
    }
    for (int i = 0; i < 100; i++) {
        buffer_consume(&buffer, sizeof half);
        ck_assert_int_eq(buffer_append(&buffer, half, sizeof half), 0);
    }
    ck_assert_msg(buffer.capacity == capacity, "expected to stay at %zu bytes, got %zu", capacity,
                  buffer.capacity);
    buffer_release(&buffer);
}
END_TEST

START_TEST(a_reservation_that_overflows_is_refused_and_changes_nothing)
{
    struct buffer buffer = {0};
    const size_t too_much[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 5, SIZE_MAX / 2};

    ck_assert_int_eq(buffer_append(&buffer, "bytes", 5), 0);
    for (size_t i = 0; i < sizeof too_much / sizeof *too_much; i++) {
        ck_assert_msg(buffer_reserve(&buffer, too_much[i]) == NULL, "%zu bytes were granted",
                      too_much[i]);
        ck_assert_int_eq(buffer_append(&buffer, "", too_much[i]), -ENOMEM);
        ck_assert_uint_eq(buffer.length, 5);
        ck_assert_mem_eq(buffer_data(&buffer), "bytes", 5);
    }
    buffer_release(&buffer);
}
END_TEST

START_TEST(without_memory_nothing_is_appended_and_nothing_is_lost)
{
    struct buffer buffer = {0};
    char large[4096] = {0};

    ck_assert_int_eq(buffer_append(&buffer, "lost bytes", 10), 0);
    buffer_consume(&buffer, 5);
    allocations_fail_after(0);
    int appended = buffer_append(&buffer, large, sizeof large);
    int printed = buffer_printf(&buffer, "%4000d", 1);
    const char *reserved = buffer_reserve(&buffer, sizeof large);
    allocations_succeed();

    ck_assert_int_eq(appended, -ENOMEM);
    ck_assert_int_eq(printed, -ENOMEM);
    ck_assert_ptr_null(reserved);
    ck_assert_uint_eq(buffer.length, 5);
    ck_assert_mem_eq(buffer_data(&buffer), "bytes", 5);
    buffer_release(&buffer);
}
END_TEST

START_TEST(printf_appends_the_text_without_its_nul)
{
    struct buffer buffer = {0};

    ck_assert_int_eq(buffer_printf(&buffer, "%s-%d", "abc", 42), 0);
    ck_assert_uint_eq(buffer.length, 6);
    ck_assert_int_eq(buffer_printf(&buffer, "%c", '!'), 0);
    ck_assert_uint_eq(buffer.length, 7);
    ck_assert_mem_eq(buffer_data(&buffer), "abc-42!", 7);
    buffer_release(&buffer);
}
END_TEST

/* Around the capacity, where the NUL that vsnprintf writes has the last byte or none. */
START_TEST(printf_of_any_length_is_whole)
{
    char expected[600];
    struct buffer buffer = {0};
    int wanted = snprintf(expected, sizeof expected, "%0*d", _i, 7);

    ck_assert_int_eq(buffer_printf(&buffer, "%0*d", _i, 7), 0);
    ck_assert_uint_eq(buffer.length, (size_t)wanted);
    ck_assert_msg(buffer.length < buffer.capacity, "%d bytes: no room for the NUL", wanted);
    ck_assert_mem_eq(buffer_data(&buffer), expected, buffer.length);
    buffer_release(&buffer);
}
END_TEST

#ifndef NDEBUG
START_TEST(consuming_more_than_there_is_is_a_programmer_s_error)
{
    struct buffer buffer = {0};

    ck_assert_int_eq(buffer_append(&buffer, "bytes", 5), 0);
    buffer_consume(&buffer, 6);
}
END_TEST

START_TEST(committing_more_than_was_reserved_is_a_programmer_s_error)
{
    struct buffer buffer = {0};

    ck_assert_ptr_nonnull(buffer_reserve(&buffer, 8));
    buffer_commit(&buffer, buffer.capacity + 1);
}
END_TEST
#endif

int main(void)
{
    Suite *suite = suite_create("buffer");

    TCase *model = tcase_create("model");
    tcase_add_loop_test(model, random_operations_leave_what_a_simple_model_has, 0, SEEDS);
    tcase_set_timeout(model, 20);
    suite_add_tcase(suite, model);

    TCase *memory = tcase_create("memory");
    tcase_add_test(memory, an_empty_buffer_owns_no_memory);
    tcase_add_test(memory, a_released_buffer_may_be_used_again);
    tcase_add_test(memory, clearing_keeps_small_memory_and_gives_large_memory_back);
    tcase_add_test(memory, each_growth_adds_at_least_half);
    tcase_add_test(memory, a_large_reservation_is_granted_at_once);
    tcase_add_test(memory, consumed_space_is_used_before_memory_grows);
    suite_add_tcase(suite, memory);

    TCase *refusal = tcase_create("refusal");
    tcase_add_test(refusal, a_reservation_that_overflows_is_refused_and_changes_nothing);
    tcase_add_test(refusal, without_memory_nothing_is_appended_and_nothing_is_lost);
    suite_add_tcase(suite, refusal);

    TCase *printing = tcase_create("printing");
    tcase_add_test(printing, printf_appends_the_text_without_its_nul);
    tcase_add_loop_test(printing, printf_of_any_length_is_whole, 250, 262);
    suite_add_tcase(suite, printing);

#ifndef NDEBUG
    TCase *assertions = tcase_create("assertions");
    tcase_add_checked_fixture(assertions, silence_assertions, NULL);
    tcase_add_test_raise_signal(assertions, consuming_more_than_there_is_is_a_programmer_s_error,
                                SIGABRT);
    tcase_add_test_raise_signal(assertions,
                                committing_more_than_was_reserved_is_a_programmer_s_error, SIGABRT);
    suite_add_tcase(suite, assertions);
#endif
    return run_suite(suite);
}
