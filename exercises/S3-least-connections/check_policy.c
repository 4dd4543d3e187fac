/* run-under: thread */
/*
 * The grader of S3-least-connections, part one: select, called with loads that are made up. Part
 * two, check_loads.c, changes them under its eyes; part three, check_server.c, looks at the policy
 * in the real server.
 */
#include "check_loads.h"
#include "check_server.h"
#include "grader.h"

#include "pool_options.h"
#include "selection_policy.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct selection_policy least_connections;

static const char NAME[] = "--policy=NAME finds a policy by its name (contract)";
static const char AN_INDEX[] = "select returns the index of a loop of this pool (contract, 1)";
static const char FEWEST[] =
    "the next connection goes to a loop that has the fewest, as the loads are now (contract, 1)";
static const char TURNS[] = "as long as the loads do not change, the loops with the fewest take "
                            "turns, and the others cost nobody a turn (contract, 2)";
static const char LOOKS_ONLY[] =
    "select changes no load: who adds the connection and who closes it count it, once each "
    "(contract, 3)";
static const char OWN_MEMORY[] =
    "what a policy remembers is in its selection_state, one for each pool (contract, 4)";

enum { MOST_LOOPS = 8 };

/* What a policy sees of a thread pool. */
struct pool {
    struct loop_load loads[MOST_LOOPS];
    size_t count;
    struct selection_state state;
};

static void init_pool(struct pool *pool, size_t count)
{
    memset(pool, 0, sizeof *pool);
    pool->count = count;
}

static void set_load(struct pool *pool, size_t loop, size_t connections)
{
    atomic_store(&pool->loads[loop].connections, connections);
}

static void set_all(struct pool *pool, size_t connections)
{
    for (size_t i = 0; i < pool->count; i++) {
        set_load(pool, i, connections);
    }
}

/* For messages: the numbers with blanks between them. Good until the next call. */
static const char *text_of(const size_t *numbers, size_t count)
{
    static char text[512];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count && used < sizeof text; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, " %zu", numbers[i]);
    }
    return text;
}

static const char *loads_of(const struct pool *pool)
{
    size_t loads[MOST_LOOPS];

    for (size_t i = 0; i < pool->count; i++) {
        loads[i] = loop_load_connections(&pool->loads[i]);
    }
    return text_of(loads, pool->count);
}

static size_t choose(struct pool *pool)
{
    grader_step("select with loads%s", loads_of(pool));
    size_t chosen = least_connections.select(pool->loads, pool->count, &pool->state);
    grader_expect(chosen < pool->count, AN_INDEX, "expected a loop from 0 to %zu, got %zu",
                  pool->count - 1, chosen);
    return chosen;
}

/* Asks twice: who goes through the loops in turn may be right once by chance. */
static void expect_fewest(struct pool *pool, size_t expected)
{
    for (int call = 0; call < 2; call++) {
        size_t chosen = choose(pool);
        grader_expect(chosen == expected, FEWEST, "expected loop %zu, got loop %zu", expected,
                      chosen);
    }
}

/*
 * Calls select once for each of the tied loops, with loads that do not change, and expects each of
 * them once. Which comes first is the policy's business.
 */
static void expect_a_round(struct pool *pool, const bool *tied)
{
    size_t chosen[MOST_LOOPS];
    size_t times[MOST_LOOPS] = {0};
    size_t calls = 0;

    for (size_t i = 0; i < pool->count; i++) {
        calls += (size_t)tied[i];
    }
    for (size_t i = 0; i < calls; i++) {
        chosen[i] = choose(pool);
        times[chosen[i]]++;
    }
    for (size_t i = 0; i < pool->count; i++) {
        grader_expect(times[i] == (size_t)tied[i], TURNS,
                      "in %zu calls expected loop %zu %s; chosen were%s", calls, i,
                      tied[i] ? "once" : "never, because it has more", text_of(chosen, calls));
    }
}

START_TEST(the_policy_has_the_name_that_the_command_line_uses)
{
    const char *name = least_connections.name != NULL ? least_connections.name : "(none)";

    grader_expect(strcmp(name, "least-connections") == 0, NAME,
                  "expected the name 'least-connections', got '%s'", name);
}
END_TEST

START_TEST(a_pool_of_one_loop_leaves_no_choice)
{
    struct pool pool;

    init_pool(&pool, 1);
    for (size_t connections = 0; connections < 4; connections++) {
        set_load(&pool, 0, connections);
        expect_fewest(&pool, 0);
    }
}
END_TEST

START_TEST(the_loop_with_the_fewest_connections_is_chosen)
{
    /* The lowest load stands at each place of pools of each size. */
    for (size_t count = 2; count <= MOST_LOOPS; count++) {
        for (size_t lowest = 0; lowest < count; lowest++) {
            struct pool pool;
            init_pool(&pool, count);
            for (size_t i = 0; i < count; i++) {
                set_load(&pool, i, i == lowest ? 1 : 3 + i % 3);
            }
            expect_fewest(&pool, lowest);
        }
    }
}
END_TEST

START_TEST(select_changes_no_load)
{
    static const size_t loads[] = {4, 2, 7};
    struct pool pool;

    init_pool(&pool, 3);
    for (size_t i = 0; i < 3; i++) {
        set_load(&pool, i, loads[i]);
    }
    choose(&pool);
    for (size_t i = 0; i < 3; i++) {
        size_t now = loop_load_connections(&pool.loads[i]);
        grader_expect(now == loads[i], LOOKS_ONLY, "expected loop %zu with load %zu, got %zu", i,
                      loads[i], now);
    }
}
END_TEST

START_TEST(closed_connections_count_no_more)
{
    static const size_t order[] = {2, 2, 0, 1, 1, 2, 0, 0};
    struct pool pool;

    /* Loop 2, and then others, lose three clients; the next three go there. */
    init_pool(&pool, 3);
    set_all(&pool, 3);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        for (size_t connections = 0; connections < 3; connections++) {
            set_load(&pool, order[i], connections);
            expect_fewest(&pool, order[i]);
        }
        set_load(&pool, order[i], 3);
    }
}
END_TEST

START_TEST(what_was_the_fewest_before_does_not_matter)
{
    enum { CALLS = 300 };
    unsigned random = 1;

    /* Between two calls some loops get connections and others lose them. */
    for (size_t count = 2; count <= MOST_LOOPS; count++) {
        struct pool pool;
        init_pool(&pool, count);
        for (int call = 0; call < CALLS; call++) {
            size_t fewest = SIZE_MAX;
            for (size_t i = 0; i < count; i++) {
                random = random * 1103515245U + 12345U;
                size_t load = (random >> 16) % 3 == 0 ? (random >> 20) % 5
                                                      : loop_load_connections(&pool.loads[i]);
                set_load(&pool, i, load);
                fewest = load < fewest ? load : fewest;
            }
            size_t chosen = choose(&pool);
            size_t has = loop_load_connections(&pool.loads[chosen]);
            grader_expect(has == fewest, FEWEST,
                          "expected a loop with %zu, got loop %zu, which has %zu", fewest, chosen,
                          has);
        }
    }
}
END_TEST

START_TEST(large_counts_are_compared_like_small_ones)
{
    static const size_t numbers[] = {255, 65535, 1000000, INT_MAX, SIZE_MAX / 2, SIZE_MAX - 1};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct pool pool;
        init_pool(&pool, 3);
        for (size_t lowest = 0; lowest < 3; lowest++) {
            set_all(&pool, numbers[i] + 1);
            set_load(&pool, lowest, numbers[i]);
            expect_fewest(&pool, lowest);
        }
    }
}
END_TEST

START_TEST(ties_are_rotated)
{
    static const bool tied[MOST_LOOPS] = {true, true, true, true, true, true, true, true};

    for (size_t count = 1; count <= MOST_LOOPS; count++) {
        struct pool pool;
        init_pool(&pool, count);
        for (size_t connections = 0; connections < 3; connections++) {
            set_all(&pool, connections);
            expect_a_round(&pool, tied);
            expect_a_round(&pool, tied);
        }
    }
}
END_TEST

START_TEST(ties_are_rotated_among_as_many_loops_as_the_server_has)
{
    static const size_t counts[] = {64, 65, 100, 255, POOL_OPTIONS_MAX_THREADS};
    static struct loop_load loads[POOL_OPTIONS_MAX_THREADS];

    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        size_t times[POOL_OPTIONS_MAX_THREADS] = {0};
        struct selection_state state = {.words = {0}};
        grader_step("%zu loops without connections: select, %zu times", counts[k], 2 * counts[k]);
        for (size_t call = 0; call < 2 * counts[k]; call++) {
            size_t chosen = least_connections.select(loads, counts[k], &state);
            grader_expect(chosen < counts[k], AN_INDEX, "expected a loop below %zu, got %zu",
                          counts[k], chosen);
            times[chosen]++;
        }
        for (size_t i = 0; i < counts[k]; i++) {
            grader_expect(times[i] == 2, TURNS, "expected loop %zu twice, got it %zu times", i,
                          times[i]);
        }
    }
}
END_TEST

START_TEST(loops_with_more_take_no_turns)
{
    enum { COUNT = 5 };
    struct pool pool;

    /* Every set of loops once: those in it hold 1 connection, the others 4. The state lives on. */
    init_pool(&pool, COUNT);
    for (unsigned set = 1; set < 1U << COUNT; set++) {
        bool tied[COUNT];
        for (size_t i = 0; i < COUNT; i++) {
            tied[i] = set >> i & 1;
            set_load(&pool, i, tied[i] ? 1 : 4);
        }
        expect_a_round(&pool, tied);
        expect_a_round(&pool, tied);
    }
}
END_TEST

START_TEST(two_pools_do_not_share_their_turns)
{
    struct pool pools[2];
    size_t times[2][2] = {{0}};

    init_pool(&pools[0], 2);
    init_pool(&pools[1], 2);
    for (int call = 0; call < 4; call++) {
        for (int i = 0; i < 2; i++) {
            times[i][choose(&pools[i])]++;
        }
    }
    for (int i = 0; i < 2; i++) {
        grader_expect(
            times[i][0] == 2 && times[i][1] == 2, OWN_MEMORY,
            "pool %d of two pools that were asked in turn, four times each: expected each "
            "of its two loops twice, got loop 0 %zu times and loop 1 %zu times",
            i, times[i][0], times[i][1]);
    }
}
END_TEST

START_TEST(the_turns_are_in_the_state)
{
    enum { COUNT = 4 };
    static const bool tied[COUNT] = {true, true, true, true};
    size_t times[COUNT] = {0};
    struct pool pool;
    struct pool moved;

    init_pool(&pool, COUNT);
    expect_a_round(&pool, tied);
    for (int call = 0; call < 2; call++) {
        times[choose(&pool)]++;
    }
    grader_step("the pool, its state with it, is copied to another place");
    moved = pool;
    memset(&pool.state, 0, sizeof pool.state);
    for (int call = 0; call < 2; call++) {
        times[choose(&moved)]++;
    }
    for (size_t i = 0; i < COUNT; i++) {
        grader_expect(times[i] == 1, OWN_MEMORY,
                      "in the round of %d calls, two before the copy and two after it, expected "
                      "loop %zu once, got it %zu times",
                      COUNT, i, times[i]);
    }
}
END_TEST

/* What loops do meanwhile: their connections close. */
static void *change_loads(void *argument)
{
    struct pool *pool = argument;

    for (size_t i = 0; i < pool->count; i++) {
        atomic_fetch_sub_explicit(&pool->loads[i].connections, 1, memory_order_relaxed);
    }
    return NULL;
}

START_TEST(loads_are_read_while_loops_change_them)
{
    struct pool pool;
    pthread_t loops;

    init_pool(&pool, 4);
    set_all(&pool, 9);
    grader_step("another thread lowers all loads while select reads them");
    int result = pthread_create(&loops, NULL, change_loads, &pool);
    ck_assert_msg(result == 0, "pthread_create: %s", strerror(result));
    choose(&pool);
    pthread_join(loops, NULL);
}
END_TEST

int main(int argc, char **argv)
{
    grader_group("made-up loads", NULL, NULL);
    grader_add(the_policy_has_the_name_that_the_command_line_uses);
    grader_add(a_pool_of_one_loop_leaves_no_choice);
    grader_add(the_loop_with_the_fewest_connections_is_chosen);
    grader_add(select_changes_no_load);
    grader_add(closed_connections_count_no_more);
    grader_add(what_was_the_fewest_before_does_not_matter);
    grader_add(large_counts_are_compared_like_small_ones);
    grader_add(ties_are_rotated);
    grader_add(ties_are_rotated_among_as_many_loops_as_the_server_has);
    grader_add(loops_with_more_take_no_turns);
    grader_add(two_pools_do_not_share_their_turns);
    grader_add(the_turns_are_in_the_state);
    grader_add(loads_are_read_while_loops_change_them);
    add_changing_load_checks();
    add_server_checks();
    return grader_run(argc, argv);
}
