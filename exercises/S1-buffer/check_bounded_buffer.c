/*
 * The grader of S1-buffer. The buffer gets its memory from an allocator that counts and can fail.
 * A move of the stored bytes is seen from outside: their address changes. So the moves are counted
 * whatever makes them, memmove, a loop, or a copy into a new block.
 */
#include "bounded_buffer.h"
#include "grader.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char FIFO[] = "the stored bytes are what was appended and not yet consumed, in that "
                           "order, one behind the other (contract, 1)";
static const char LIMIT[] = "an append that would store more than the limit returns -ENOBUFS and "
                            "changes nothing; any other one is not refused for the limit "
                            "(contract, 2)";
static const char MOVES[] = "over a buffer's life, at most 8 bytes are moved for each one that "
                            "was appended (contract, 3)";
static const char SIZE[] = "a buffer owns at most 4 times the most it has ever stored, and 512 "
                           "bytes (contract, 4)";
static const char EMPTY[] = "an empty buffer owns at most 4096 + 512 bytes (contract, 4)";
static const char SHORT[] = "without memory, create and append return -ENOMEM and change nothing "
                            "(contract, 5)";
static const char AGAIN[] = "what does not store more than was stored already, since the buffer "
                            "was empty, never fails with -ENOMEM (contract, 5)";
static const char RETURNED[] = "all memory comes from the allocator and has gone back when destroy "
                               "returns (contract, 6)";

static const char APART[] = "buffers know nothing of each other (contract, 6)";

enum { OVERHEAD = 512, LARGE = 1 << 20 };

/* A buffer under test, and what the grader knows of it. */
static struct {
    struct counting_allocator memory;
    struct bounded_buffer *buffer;
    uint64_t appended; /* bytes, over its life; byte number n has the value of pattern(n) */
    uint64_t consumed;
    uint64_t moved;
    size_t most; /* stored at once */
} now;

/* A byte that tells where in the stream it is. */
static char pattern(uint64_t position)
{
    return (char)(position * 31 + (position >> 8) * 7);
}

static size_t stored(void)
{
    return (size_t)(now.appended - now.consumed);
}

static void create(size_t limit)
{
    memset(&now, 0, sizeof now);
    counting_allocator_init(&now.memory);
    grader_step("create a buffer with a limit of %zu bytes", limit);
    int result = bounded_buffer_create(&now.memory.allocator, limit, &now.buffer);
    grader_expect(result == 0 && now.buffer != NULL, SHORT,
                  "create with enough memory: expected 0 and a buffer, got %d", result);
}

static void tear_down(void)
{
    bounded_buffer_destroy(now.buffer);
}

static void expect_size(void)
{
    size_t granted = 4 * now.most + OVERHEAD;

    grader_expect(now.memory.bytes <= granted, SIZE,
                  "%zu bytes are stored, %zu were at most: expected at most %zu bytes of memory, "
                  "got %zu",
                  stored(), now.most, granted, now.memory.bytes);
    grader_expect(stored() > 0 || now.memory.bytes <= BOUNDED_BUFFER_KEPT + OVERHEAD, EMPTY,
                  "nothing is stored: expected at most %d bytes of memory, got %zu",
                  BOUNDED_BUFFER_KEPT + OVERHEAD, now.memory.bytes);
}

/* Returns what append returned. Counts the move, if the bytes stored before are elsewhere now. */
static int try_append(size_t length)
{
    static char bytes[LARGE];
    const char *before = bounded_buffer_data(now.buffer);

    for (size_t i = 0; i < length; i++) {
        bytes[i] = pattern(now.appended + i);
    }
    int result = bounded_buffer_append(now.buffer, bytes, length);
    if (stored() > 0 && bounded_buffer_data(now.buffer) != before) {
        now.moved += stored();
    }
    if (result == 0) {
        now.appended += length;
        now.most = stored() > now.most ? stored() : now.most;
    }
    return result;
}

static void append(size_t length, const char *rule)
{
    size_t before = stored();
    int result = try_append(length);

    grader_expect(result == 0, rule, "append of %zu bytes to %zu: expected 0, got %d", length,
                  before, result);
}

static void consume(size_t length)
{
    const char *before = bounded_buffer_data(now.buffer);

    bounded_buffer_consume(now.buffer, length);
    now.consumed += length;
    if (stored() > 0 && bounded_buffer_data(now.buffer) != before + length) {
        now.moved += stored();
    }
    size_t reported = bounded_buffer_length(now.buffer);
    grader_expect(reported == stored(), FIFO, "consume(%zu): expected length %zu, got %zu", length,
                  stored(), reported);
}

static void expect_bytes(void)
{
    const char *bytes = bounded_buffer_data(now.buffer);
    size_t length = bounded_buffer_length(now.buffer);

    grader_expect(length == stored(), FIFO, "expected length %zu, got %zu", stored(), length);
    for (size_t i = 0; i < stored(); i++) {
        grader_expect(bytes[i] == pattern(now.consumed + i), FIFO,
                      "byte %zu of %zu: expected the one appended as number %llu (0x%02x), got "
                      "0x%02x",
                      i, stored(), (unsigned long long)(now.consumed + i),
                      (unsigned char)pattern(now.consumed + i), (unsigned char)bytes[i]);
    }
}

static void expect_few_moves(void)
{
    grader_expect(now.moved <= 8 * now.appended, MOVES,
                  "%llu bytes appended: expected at most %llu moved, got %llu",
                  (unsigned long long)now.appended, (unsigned long long)(8 * now.appended),
                  (unsigned long long)now.moved);
}

START_TEST(bytes_come_out_in_order)
{
    create(LARGE);
    for (size_t length = 1; length < 3000; length += length / 2 + 1) {
        grader_step("append %zu, consume %zu", length, length / 3);
        append(length, FIFO);
        expect_bytes();
        consume(length / 3);
        expect_bytes();
    }
    grader_step("consume all, append 5");
    consume(stored());
    append(5, FIFO);
    expect_bytes();
}
END_TEST

static void expect_refused(size_t length)
{
    int result = try_append(length);

    grader_expect(result == -ENOBUFS, LIMIT,
                  "append of %zu bytes to %zu: expected -ENOBUFS, got %d", length, stored(),
                  result);
    expect_bytes();
}

START_TEST(the_limit_is_for_what_is_stored)
{
    create(1000);
    grader_step("append 1001");
    expect_refused(1001);
    grader_step("append 600, then 401, then 400, then 1");
    append(600, LIMIT);
    expect_refused(401);
    append(400, LIMIT);
    expect_refused(1);
    append(0, LIMIT);
    for (int i = 0; i < 5; i++) {
        grader_step("consume 300, append 300, append 1");
        consume(300);
        append(300, LIMIT);
        expect_refused(1);
    }
}
END_TEST

START_TEST(a_huge_length_is_refused)
{
    static const size_t huge[] = {SIZE_MAX, SIZE_MAX - 5, SIZE_MAX - 9, SIZE_MAX / 2 + 1};

    create(1000);
    append(10, FIFO);
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
        grader_step("10 bytes are stored; append %zu", huge[i]);
        int result = bounded_buffer_append(now.buffer, "", huge[i]);
        grader_expect(result == -ENOBUFS, LIMIT, "expected -ENOBUFS, got %d", result);
        expect_bytes();
    }
}
END_TEST

START_TEST(growing_moves_few_bytes)
{
    create(LARGE);
    grader_step("append 200000 times 1 byte");
    for (int i = 0; i < 200000; i++) {
        append(1, FIFO);
    }
    expect_bytes();
    expect_few_moves();
    tear_down();
    /* A step that is large for the first bytes is small for these. */
    create(8 * LARGE);
    grader_step("append 8000 times 1000 bytes");
    for (int i = 0; i < 8000; i++) {
        append(1000, FIFO);
    }
    expect_few_moves();
}
END_TEST

START_TEST(consuming_moves_few_bytes)
{
    create(LARGE);
    grader_step("append 1000000 bytes at once, consume them one by one");
    append(1000000, FIFO);
    while (stored() > 0) {
        consume(1);
    }
    expect_few_moves();
}
END_TEST

START_TEST(a_long_queue_moves_few_bytes)
{
    /* How full a buffer of 10000: the last is at its limit. */
    static const size_t levels[] = {3000, 6000, 9000, 10000};
    size_t level = levels[_i];

    create(10000);
    append(level, FIFO);
    grader_step("append %zu; then 40000 times: consume 1, append 1", level);
    for (int i = 0; i < 40000; i++) {
        consume(1);
        append(1, FIFO);
    }
    expect_bytes();
    expect_few_moves();
}
END_TEST

START_TEST(a_small_buffer_owns_little)
{
    create(LARGE);
    expect_size();
    grader_step("append 600 times 1 byte");
    for (int i = 0; i < 600; i++) {
        append(1, FIFO);
        expect_size();
    }
}
END_TEST

START_TEST(memory_follows_what_is_stored)
{
    create(LARGE);
    append(1, FIFO);
    grader_step("append 1; 3000 times: append 100, consume 99, append 50, consume 51");
    for (int i = 0; i < 3000; i++) {
        append(100, FIFO);
        consume(99);
        append(50, FIFO);
        expect_size();
        consume(51);
    }
    expect_bytes();
    expect_few_moves();
}
END_TEST

START_TEST(an_empty_buffer_owns_little)
{
    create(LARGE);
    for (int i = 0; i < 2; i++) {
        grader_step("append 100000, consume all");
        append(100000, FIFO);
        expect_bytes();
        consume(60000);
        expect_bytes();
        consume(40000);
        expect_size();
    }
    grader_step("the same, then append n, consume all; with n = 1000, 1100, ... 9000");
    for (size_t length = 1000; length <= 9000; length += 100) {
        append(100000, FIFO);
        consume(100000);
        append(length, FIFO);
        consume(length);
        expect_size();
    }
}
END_TEST

START_TEST(without_memory_append_changes_nothing)
{
    create(LARGE);
    grader_step("the allocator fails; append 0, then 5000 to the empty buffer");
    now.memory.remaining = 0;
    append(0, LIMIT);
    int result = try_append(5000);
    grader_expect(result == -ENOMEM, SHORT, "expected -ENOMEM, got %d", result);
    grader_step("it works again; append 5000, consume 100");
    now.memory.remaining = ALLOCATOR_NEVER_FAILS;
    append(5000, SHORT);
    consume(100);
    grader_step("it fails again; append 1000 until that fails");
    now.memory.remaining = 0;
    while ((result = try_append(1000)) == 0) {
    }
    grader_expect(result == -ENOMEM, SHORT, "expected -ENOMEM, got %d", result);
    expect_bytes();
    grader_step("it works again; append 1000");
    now.memory.remaining = ALLOCATOR_NEVER_FAILS;
    append(1000, SHORT);
    expect_bytes();
}
END_TEST

START_TEST(what_fitted_once_fits_again)
{
    create(LARGE);
    grader_step("append 1000 ten times; from now on the allocator fails");
    for (int i = 0; i < 10; i++) {
        append(1000, FIFO);
    }
    now.memory.remaining = 0;
    for (int i = 0; i < 60; i++) {
        size_t length = i % 2 ? 3000 : 700;
        grader_step("consume %zu, append %zu", length, length);
        consume(length);
        append(length, AGAIN);
        expect_bytes();
    }
}
END_TEST

START_TEST(what_was_consumed_leaves_its_room)
{
    create(LARGE);
    grader_step("append 10000, consume 9900 one by one; from now on the allocator fails");
    append(10000, FIFO);
    for (int i = 0; i < 9900; i++) {
        consume(1);
    }
    now.memory.remaining = 0;
    grader_step("99 times: append 100");
    for (int i = 0; i < 99; i++) {
        append(100, AGAIN);
    }
    expect_bytes();
}
END_TEST

START_TEST(two_buffers_do_not_mix)
{
    struct counting_allocator memory;
    struct bounded_buffer *other = NULL;

    create(1000);
    append(10, FIFO);
    grader_step("10 bytes are stored; create another buffer, with a limit of 20");
    counting_allocator_init(&memory);
    int result = bounded_buffer_create(&memory.allocator, 20, &other);
    grader_expect(result == 0 && other != NULL && other != now.buffer, APART,
                  "expected 0 and another buffer, got %d", result);
    result = bounded_buffer_append(other, "other", 5);
    grader_expect(result == 0, APART, "append of 5 bytes there: expected 0, got %d", result);
    expect_bytes();
    append(990, APART);
    expect_refused(1);
    grader_expect(bounded_buffer_length(other) == 5 &&
                      memcmp(bounded_buffer_data(other), "other", 5) == 0,
                  APART, "the other buffer: expected its 5 bytes, got %zu, perhaps others",
                  bounded_buffer_length(other));
    bounded_buffer_destroy(other);
    grader_expect(memory.blocks == 0, APART, "the other is destroyed: %zu of its blocks are out",
                  memory.blocks);
    expect_bytes();
}
END_TEST

START_TEST(without_memory_there_is_no_buffer)
{
    struct bounded_buffer *created = NULL;
    int result = -ENOMEM;

    for (long given = 0; result != 0; given++) {
        grader_step("create, with an allocator that succeeds %ld times", given);
        counting_allocator_init(&now.memory);
        now.memory.remaining = given;
        result = bounded_buffer_create(&now.memory.allocator, 100, &created);
        bool right = result == 0 ? given > 0 : result == -ENOMEM && now.memory.blocks == 0;
        grader_expect(right, SHORT, "expected -ENOMEM and no block out, got %d and %zu blocks",
                      result, now.memory.blocks);
    }
    bounded_buffer_destroy(created);
}
END_TEST

START_TEST(destroy_gives_all_memory_back)
{
    create(LARGE);
    append(10000, FIFO);
    consume(500);
    grader_step("append 10000, consume 500, destroy");
    bounded_buffer_destroy(now.buffer);
    now.buffer = NULL;
    grader_expect(now.memory.blocks == 0, RETURNED, "expected no block out, got %zu, %zu bytes",
                  now.memory.blocks, now.memory.bytes);
    bounded_buffer_destroy(NULL);
}
END_TEST

START_TEST(a_long_life_agrees_with_a_model)
{
    uint32_t random = 12345;

    create(20000);
    grader_step("20000 appends and consumes of many sizes");
    for (int i = 0; i < 20000; i++) {
        random = random * 1664525U + 1013904223U;
        size_t length = (random >> 8) % (i % 50 ? 300U : 9000U);
        if (random >> 31 && length <= stored()) {
            consume(length);
        } else if (stored() + length <= 20000) {
            append(length, FIFO);
        } else {
            expect_refused(length);
            consume(stored());
        }
        expect_size();
    }
    expect_bytes();
    expect_few_moves();
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("a buffer", NULL, tear_down);
    grader_add(bytes_come_out_in_order);
    grader_add(the_limit_is_for_what_is_stored);
    grader_add(a_huge_length_is_refused);
    grader_add(destroy_gives_all_memory_back);
    grader_add(two_buffers_do_not_mix);
    grader_add(growing_moves_few_bytes);
    grader_add(consuming_moves_few_bytes);
    grader_add_loop(a_long_queue_moves_few_bytes, 0, 4);
    grader_add(a_small_buffer_owns_little);
    grader_add(memory_follows_what_is_stored);
    grader_add(an_empty_buffer_owns_little);
    grader_add(without_memory_append_changes_nothing);
    grader_add(what_fitted_once_fits_again);
    grader_add(what_was_consumed_leaves_its_room);
    grader_add(without_memory_there_is_no_buffer);
    grader_add(a_long_life_agrees_with_a_model);
    return grader_run(argc, argv);
}
