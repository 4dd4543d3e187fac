#include "latency_histogram.h"
#include "suite_runner.h"

#include <inttypes.h>
#include <stdlib.h>

/* No multiple of 1000, so that the ranks have to be rounded. */
enum { VALUES = 19997 };

static struct latency_histogram histogram;
static uint64_t values[VALUES];

static uint64_t next_random(void)
{
    static uint64_t state = 42;

    state = state * 6364136223846793005U + 1442695040888963407U;
    return state >> 11;
}

static uint64_t always_the_same(void)
{
    return 123456789;
}

static uint64_t below_a_millisecond(void)
{
    return next_random() % 1000000;
}

/* As many below 2^10 as from 2^30 to 2^40. */
static uint64_t of_every_magnitude(void)
{
    return next_random() >> (next_random() % 53);
}

/* Nearly all are fast, and one in fifty stands still. */
static uint64_t with_a_long_tail(void)
{
    return next_random() % 50 == 0 ? 200000000 + next_random() % 1000000
                                   : 20000 + next_random() % 5000;
}

static uint64_t (*const distributions[])(void) = {
    always_the_same,
    below_a_millisecond,
    of_every_magnitude,
    with_a_long_tail,
};

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

START_TEST(a_percentile_is_the_exact_one_or_less_than_two_percent_more)
{
    for (size_t i = 0; i < VALUES; i++) {
        values[i] = distributions[_i]();
        latency_histogram_add(&histogram, values[i]);
    }
    qsort(values, VALUES, sizeof *values, compare);
    for (unsigned per_mille = 1; per_mille <= 1000; per_mille++) {
        uint64_t exact = values[(VALUES * per_mille + 999) / 1000 - 1];
        uint64_t got = latency_histogram_percentile(&histogram, per_mille);
        if (got < exact || (got - exact) * 50 > exact) {
            ck_abort_msg("%u of 1000: expected %" PRIu64 " or up to 2 %% more, got %" PRIu64,
                         per_mille, exact, got);
        }
    }
    ck_assert_uint_eq(latency_histogram_percentile(&histogram, 1000), values[VALUES - 1]);
}
END_TEST

START_TEST(small_values_are_kept_exactly)
{
    for (uint64_t i = 0; i < 100; i++) {
        latency_histogram_add(&histogram, i);
    }
    for (unsigned percent = 1; percent <= 100; percent++) {
        ck_assert_uint_eq(latency_histogram_percentile(&histogram, percent * 10), percent - 1);
    }
}
END_TEST

START_TEST(every_value_has_its_place)
{
    for (int bit = 0; bit < 64; bit++) {
        uint64_t power = (uint64_t)1 << bit;
        const uint64_t edges[] = {power - 1, power, power + 1, power + (power - 1)};
        for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
            histogram = (struct latency_histogram){0};
            latency_histogram_add(&histogram, edges[i]);
            latency_histogram_add(&histogram, UINT64_MAX);
            uint64_t got = latency_histogram_percentile(&histogram, 500);
            ck_assert_msg(got >= edges[i] && got - edges[i] <= edges[i] / 64,
                          "expected %" PRIu64 ", got %" PRIu64, edges[i], got);
        }
    }
}
END_TEST

START_TEST(without_values_every_percentile_is_0)
{
    ck_assert_uint_eq(latency_histogram_percentile(&histogram, 500), 0);
    ck_assert_uint_eq(latency_histogram_percentile(&histogram, 1000), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("latency_histogram");

    TCase *percentiles = tcase_create("percentiles");
    tcase_add_loop_test(percentiles, a_percentile_is_the_exact_one_or_less_than_two_percent_more, 0,
                        (int)(sizeof distributions / sizeof *distributions));
    suite_add_tcase(suite, percentiles);

    TCase *edges = tcase_create("edges");
    tcase_add_test(edges, small_values_are_kept_exactly);
    tcase_add_test(edges, every_value_has_its_place);
    tcase_add_test(edges, without_values_every_percentile_is_0);
    suite_add_tcase(suite, edges);
    return run_suite(suite);
}
