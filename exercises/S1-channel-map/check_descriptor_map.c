/*
 * The grader of S1-channel-map. The map gets its memory from an allocator that counts, and that
 * fails when a check wants it to; so how it is built inside is its own business.
 */
#include "descriptor_map.h"
#include "grader.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char FOUND[] = "find gives the channel that was inserted for this descriptor, "
                            "and NULL for every other int (contract, 1)";
static const char INSERTED[] = "insert returns 0, -EBADF for a descriptor out of range, -EEXIST "
                               "for a taken one, and then changes nothing (contract, 2)";
static const char ERASED[] = "erase empties the slot, or returns -ENOENT (contract, 3)";
static const char GENERATION[] = "the generation of a descriptor is the number of its erasures, "
                                 "whatever else comes and goes (contract, 4)";
static const char SMALL[] = "an empty map, each insert, and n descriptors in a row ask for no more "
                            "memory than the contract grants (contract, 5)";
static const char QUIET[] = "find, generation and erase ask for no memory (contract, 5)";
static const char SHORT[] = "without memory, create and insert return -ENOMEM and change nothing; "
                            "later the same insert succeeds (contract, 6)";
static const char RETURNED[] = "all memory comes from the allocator and has gone back when destroy "
                               "returns (contract, 7)";
static const char APART[] = "maps know nothing of each other (contract, 8)";

static struct counting_allocator memory;
static struct descriptor_map *map;

static struct descriptor_map *create_with(struct counting_allocator *counting)
{
    struct descriptor_map *created = NULL;

    counting_allocator_init(counting);
    int result = descriptor_map_create(&counting->allocator, &created);
    grader_expect(result == 0 && created != NULL, SHORT,
                  "create with enough memory: expected 0 and a map, got %d and %p", result,
                  (void *)created);
    return created;
}

static void set_up(void)
{
    map = create_with(&memory);
}

static void tear_down(void)
{
    descriptor_map_destroy(map);
}

static void expect_found(struct descriptor_map *in, int fd, const struct channel *expected,
                         const char *rule, const char *when)
{
    struct channel *found = descriptor_map_find(in, fd);

    grader_expect(found == expected, rule, "%s, find(%d): expected %s, got %s (%p)", when, fd,
                  expected != NULL ? "its channel" : "NULL",
                  found == NULL ? "NULL" : "another pointer", (void *)found);
}

static void expect_generation(struct descriptor_map *in, int fd, uint32_t expected,
                              const char *when)
{
    uint32_t generation = descriptor_map_generation(in, fd);

    grader_expect(generation == expected, GENERATION, "%s, generation(%d): expected %u, got %u",
                  when, fd, expected, generation);
}

static void insert(struct channel *channel)
{
    int result = descriptor_map_insert(map, channel);

    grader_expect(result == 0, INSERTED, "insert of fd %d, a free one: expected 0, got %d",
                  channel->fd, result);
}

static void erase(int fd)
{
    int result = descriptor_map_erase(map, fd);

    grader_expect(result == 0, ERASED, "erase(%d), a taken one: expected 0, got %d", fd, result);
}

START_TEST(a_channel_is_found_by_its_descriptor)
{
    struct channel channels[] = {{.fd = 5},       {.fd = 0},    {.fd = 6},
                                 {.fd = 1048575}, {.fd = 4096}, {.fd = 70000}};
    size_t count = sizeof channels / sizeof channels[0];

    for (size_t i = 0; i < count; i++) {
        grader_step("insert fd %d", channels[i].fd);
        insert(&channels[i]);
        for (size_t k = 0; k < count; k++) {
            expect_found(map, channels[k].fd, k <= i ? &channels[k] : NULL, FOUND, "then");
        }
    }
    grader_step("erase fd 0");
    erase(0);
    expect_found(map, 0, NULL, ERASED, "after that");
    expect_found(map, 5, &channels[0], FOUND, "after that");
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    static const int others[] = {-1, -2, -1024, INT32_MIN, 1, 1048575, 1048576, INT32_MAX};
    struct channel channel = {.fd = 0};

    for (int taken = 0; taken < 2; taken++) {
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
            const char *when = taken ? "a map with fd 0" : "an empty map";
            expect_found(map, others[i], NULL, FOUND, when);
            int result = descriptor_map_erase(map, others[i]);
            grader_expect(result == -ENOENT, ERASED, "%s, erase(%d): expected -ENOENT, got %d",
                          when, others[i], result);
            expect_generation(map, others[i], 0, when);
        }
        if (!taken) {
            grader_step("insert fd 0");
            insert(&channel);
        }
    }
}
END_TEST

START_TEST(a_descriptor_out_of_range_is_refused)
{
    static const int bad[] = {-1, INT32_MIN, DESCRIPTOR_MAP_LIMIT, INT32_MAX};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct channel channel = {.fd = bad[i]};
        int result = descriptor_map_insert(map, &channel);
        grader_expect(result == -EBADF, INSERTED, "insert of fd %d: expected -EBADF, got %d",
                      bad[i], result);
    }
}
END_TEST

START_TEST(a_taken_descriptor_is_refused)
{
    struct channel first = {.fd = 9};
    struct channel second = {.fd = 9};

    grader_step("insert fd 9, then another channel of fd 9");
    insert(&first);
    int result = descriptor_map_insert(map, &second);
    grader_expect(result == -EEXIST, INSERTED, "expected -EEXIST, got %d", result);
    expect_found(map, 9, &first, INSERTED, "after that");
    result = descriptor_map_insert(map, &first);
    grader_expect(result == -EEXIST, INSERTED,
                  "insert of the first once more: expected -EEXIST, "
                  "got %d",
                  result);
    grader_step("erase fd 9, insert the other one");
    erase(9);
    insert(&second);
    expect_found(map, 9, &second, FOUND, "after that");
}
END_TEST

START_TEST(the_generation_counts_erasures)
{
    struct channel neighbour = {.fd = 8};
    struct channel channel = {.fd = 7};
    struct channel late = {.fd = 7};

    expect_generation(map, 7, 0, "an empty map");
    insert(&neighbour);
    for (uint32_t times = 1; times <= 3; times++) {
        grader_step("insert fd 7");
        insert(&channel);
        expect_generation(map, 7, times - 1, "then");
        descriptor_map_insert(map, &late);
        expect_generation(map, 7, times - 1, "after an insert in vain");
        grader_step("erase fd 7");
        erase(7);
        expect_generation(map, 7, times, "then");
        int result = descriptor_map_erase(map, 7);
        grader_expect(result == -ENOENT, ERASED, "erase(7) once more: expected -ENOENT, got %d",
                      result);
        expect_generation(map, 7, times, "after an erase in vain");
        expect_generation(map, 8, 0, "a neighbour");
    }
}
END_TEST

START_TEST(a_generation_survives_all_others)
{
    struct channel low = {.fd = 7};
    struct channel high = {.fd = 900000};

    grader_step("insert and erase fd 7: the map is empty again");
    insert(&low);
    erase(7);
    expect_generation(map, 7, 1, "then");
    grader_step("insert and erase fd 900000");
    insert(&high);
    erase(900000);
    expect_generation(map, 7, 1, "then");
    expect_generation(map, 900000, 1, "then");
}
END_TEST

START_TEST(a_generation_has_32_bits)
{
    enum { TIMES = 70000 };
    struct channel channel = {.fd = 7};

    grader_step("insert and erase fd 7, %d times", TIMES);
    for (int i = 0; i < TIMES; i++) {
        insert(&channel);
        erase(7);
    }
    expect_generation(map, 7, TIMES, "then");
}
END_TEST

START_TEST(two_maps_share_nothing)
{
    struct counting_allocator more;
    struct descriptor_map *other = create_with(&more);
    struct channel channel = {.fd = 3};
    struct channel namesake = {.fd = 3};

    grader_step("two maps; insert fd 3 in the first");
    insert(&channel);
    expect_found(map, 3, &channel, APART, "the first map");
    expect_found(other, 3, NULL, APART, "the other map");
    grader_step("insert another channel of fd 3 in the second");
    int result = descriptor_map_insert(other, &namesake);
    grader_expect(result == 0, APART, "expected 0, got %d", result);
    expect_found(other, 3, &namesake, APART, "the other map");
    expect_found(map, 3, &channel, APART, "the first map");
    erase(3);
    grader_step("erased in the first");
    expect_found(other, 3, &namesake, APART, "the other map");
    expect_generation(other, 3, 0, "the other map");
    expect_generation(map, 3, 1, "the first map");
    descriptor_map_destroy(other);
    expect_generation(map, 3, 1, "with the other map gone");
}
END_TEST

START_TEST(destroy_gives_all_memory_back)
{
    static const int fds[] = {3, 4, 2000, 70000, 1048575};
    struct channel channels[5];

    grader_step("insert the descriptors 3 4 2000 70000 1048575, erase 2000, destroy the map");
    for (size_t i = 0; i < 5; i++) {
        channels[i].fd = fds[i];
        insert(&channels[i]);
    }
    erase(2000);
    descriptor_map_destroy(map);
    map = NULL;
    grader_expect(memory.blocks == 0, RETURNED, "expected no block out, got %zu blocks, %zu bytes",
                  memory.blocks, memory.bytes);
    descriptor_map_destroy(NULL);
}
END_TEST

START_TEST(an_empty_map_costs_little)
{
    grader_expect(memory.requested <= DESCRIPTOR_MAP_EMPTY_BYTES, SMALL,
                  "create: expected at most %d bytes asked for, got %zu",
                  DESCRIPTOR_MAP_EMPTY_BYTES, memory.requested);
}
END_TEST

/* Inserts a channel and looks at what that asked for. */
static void insert_cheaply(struct channel *channel)
{
    size_t before = memory.requested;

    insert(channel);
    size_t step = memory.requested - before;
    grader_expect(step <= DESCRIPTOR_MAP_STEP_BYTES, SMALL,
                  "insert of fd %d: expected at most %d bytes asked for, got %zu: does growing "
                  "copy, or fill the space between?",
                  channel->fd, DESCRIPTOR_MAP_STEP_BYTES, step);
}

START_TEST(a_high_descriptor_costs_no_more_than_a_low_one)
{
    struct channel channels[] = {{.fd = 0}, {.fd = 5000}, {.fd = 1000000}, {.fd = 70000}};

    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++) {
        grader_step("insert fd %d", channels[i].fd);
        insert_cheaply(&channels[i]);
    }
}
END_TEST

START_TEST(growing_never_copies_and_wastes_little)
{
    enum { COUNT = 1 << 16 };
    struct channel *channels = calloc(COUNT, sizeof *channels);

    grader_step("insert the descriptors 0 to %d", COUNT - 1);
    for (int fd = 0; fd < COUNT; fd++) {
        channels[fd].fd = fd;
        insert_cheaply(&channels[fd]);
    }
    size_t granted = (size_t)COUNT * 32 + DESCRIPTOR_MAP_EMPTY_BYTES + DESCRIPTOR_MAP_STEP_BYTES;
    grader_expect(memory.requested <= granted, SMALL,
                  "expected at most %zu bytes asked for in all, got %zu", granted,
                  memory.requested);
    grader_expect(memory.bytes >= COUNT * sizeof(struct channel *), RETURNED,
                  "%d channels: expected %zu bytes or more, for their addresses, got %zu", COUNT,
                  COUNT * sizeof(struct channel *), memory.bytes);
    size_t requests = memory.requests;
    for (int fd = 0; fd < COUNT; fd++) {
        expect_found(map, fd, &channels[fd], FOUND, "with 65536 descriptors");
        erase(fd);
        expect_generation(map, fd, 1, "erased");
    }
    grader_expect(memory.requests == requests, QUIET,
                  "65536 times find, erase, generation: expected no allocation, got %zu",
                  memory.requests - requests);
    free(channels);
}
END_TEST

START_TEST(without_memory_insert_changes_nothing)
{
    /* An empty map owns less than half of these slots take: some insert has to ask for memory. In
     * the second half the allocator gives one block or two before it fails. */
    enum { COUNT = 16384, STRIDE = 64 };
    static struct channel channels[COUNT];
    int refused = 0;

    grader_step("insert the descriptors 0 64 128 ... %d, with an allocator that fails",
                (COUNT - 1) * STRIDE);
    for (int i = 0; i < COUNT; i++) {
        channels[i].fd = i * STRIDE;
        memory.remaining = i < COUNT / 2 ? 0 : i % 3;
        int result = descriptor_map_insert(map, &channels[i]);
        grader_expect(result == 0 || result == -ENOMEM, SHORT,
                      "insert of fd %d: expected -ENOMEM (or 0, if no memory was needed), got %d",
                      channels[i].fd, result);
        expect_found(map, channels[i].fd, result == 0 ? &channels[i] : NULL, SHORT, "then");
        refused += result == -ENOMEM;
        grader_expect(i < COUNT / 2 || refused > 0, RETURNED,
                      "expected -ENOMEM: %d slots do not fit into %d bytes", i,
                      DESCRIPTOR_MAP_EMPTY_BYTES);
    }
    grader_step("the allocator works again; insert those that were refused");
    memory.remaining = ALLOCATOR_NEVER_FAILS;
    for (int i = 0; i < COUNT; i++) {
        if (descriptor_map_find(map, channels[i].fd) == NULL) {
            insert(&channels[i]);
        }
        expect_found(map, channels[i].fd, &channels[i], SHORT, "then");
        expect_generation(map, channels[i].fd, 0, "then");
    }
    descriptor_map_destroy(map);
    map = NULL;
    grader_expect(memory.blocks == 0, RETURNED, "destroyed: expected no block out, got %zu blocks",
                  memory.blocks);
}
END_TEST

START_TEST(without_memory_there_is_no_map)
{
    struct counting_allocator poor;
    struct descriptor_map *created = map;
    int result = -ENOMEM;

    for (long given = 0; result != 0; given++) {
        grader_step("create, with an allocator that succeeds %ld times", given);
        counting_allocator_init(&poor);
        poor.remaining = given;
        result = descriptor_map_create(&poor.allocator, &created);
        grader_expect(result == 0 ? given > 0 : result == -ENOMEM && created == map, SHORT,
                      "expected -ENOMEM and an untouched *ret_map, got %d and %s one", result,
                      created == map ? "an untouched" : "a changed");
        grader_expect(result == 0 || poor.blocks == 0, RETURNED,
                      "create failed: expected all memory given back, got %zu blocks out",
                      poor.blocks);
    }
    descriptor_map_destroy(created);
}
END_TEST

START_TEST(a_long_life_agrees_with_a_model)
{
    enum { SPREAD = 97, COUNT = DESCRIPTOR_MAP_LIMIT / SPREAD, STEPS = 60000 };
    static struct channel channels[COUNT];
    static bool taken[COUNT];
    static uint32_t generations[COUNT];
    uint32_t random = 12345;

    grader_step("%d inserts and erases of descriptors all over the range", STEPS);
    for (int step = 0; step < STEPS; step++) {
        random = random * 1664525U + 1013904223U;
        int i = (int)((random >> 8) % (step % 2 ? 40U : (unsigned)COUNT));
        channels[i].fd = i * SPREAD;
        if (taken[i]) {
            erase(channels[i].fd);
            generations[i]++;
        } else {
            insert(&channels[i]);
        }
        taken[i] = !taken[i];
    }
    for (int i = 0; i < COUNT; i++) {
        expect_found(map, i * SPREAD, taken[i] ? &channels[i] : NULL, FOUND, "at the end");
        expect_generation(map, i * SPREAD, generations[i], "at the end");
    }
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("a map", set_up, tear_down);
    grader_add(a_channel_is_found_by_its_descriptor);
    grader_add(what_is_not_there_is_not_found);
    grader_add(a_descriptor_out_of_range_is_refused);
    grader_add(a_taken_descriptor_is_refused);
    grader_add(the_generation_counts_erasures);
    grader_add(a_generation_survives_all_others);
    grader_add(a_generation_has_32_bits);
    grader_add(two_maps_share_nothing);
    grader_add(destroy_gives_all_memory_back);
    grader_add(an_empty_map_costs_little);
    grader_add(a_high_descriptor_costs_no_more_than_a_low_one);
    grader_add(growing_never_copies_and_wastes_little);
    grader_add(without_memory_insert_changes_nothing);
    grader_add(without_memory_there_is_no_map);
    grader_add(a_long_life_agrees_with_a_model);
    return grader_run(argc, argv);
}
