/*
 * The same bytes for two parsers: where does each message end, and what is its body?
 *
 * Arguments: the folder of the corpora, and the dictionary for mutants.
 */
#include "conformance.h"
#include "escaped.h"
#include "explained.h"
#include "framing.h"
#include "messages.h"
#include "suite_runner.h"

#include <stdio.h>
#include <string.h>

enum { MUTANTS = 500 };

struct pair {
    struct framing ours;
    struct framing theirs;
};

/* What they refuse at once and we at the end of the line is no difference: nobody accepts it. */
static bool is_alike(const struct pair *pair)
{
    return framing_same(&pair->ours, &pair->theirs) ||
           (pair->ours.verdict == FRAMING_PARTIAL && pair->theirs.verdict == FRAMING_REFUSED);
}

static void release(struct pair *pair)
{
    framing_release(&pair->ours);
    framing_release(&pair->theirs);
}

static struct pair frame(const char *bytes, size_t length)
{
    return (struct pair){framing_by_us(bytes, length), framing_by_them(bytes, length)};
}

/* Message after message, up to the last or to one that is not framed alike: that one. */
static struct pair frame_all(const char *bytes, size_t length)
{
    struct pair pair = frame(bytes, length);

    while (framing_same(&pair.ours, &pair.theirs) && pair.ours.verdict == FRAMING_COMPLETE &&
           pair.ours.end < length) {
        bytes += pair.ours.end;
        length -= pair.ours.end;
        release(&pair);
        pair = frame(bytes, length);
    }
    return pair;
}

START_TEST(a_seed_is_framed_alike_unless_the_difference_is_explained)
{
    const char *bytes;
    const char *name = messages_name((size_t)_i);
    size_t length = messages_make((size_t)_i, 0, &bytes);
    struct pair pair = frame_all(bytes, length);
    const struct explanation *explanation = explanation_of_seed(name);
    bool alike = is_alike(&pair);

    ck_assert_msg(alike || explanation != NULL,
                  "%s: a difference that explained.c does not name\n"
                  "ours:   %s\ntheirs: %s\ninput:  %s",
                  name, framing_text(&pair.ours), framing_text(&pair.theirs),
                  escaped(bytes, length));
    ck_assert_msg(alike || explanation == NULL || explanation->covers != NULL ||
                      pair.ours.verdict == FRAMING_REFUSED,
                  "%s: explained as what ours refuses, but ours says: %s", name,
                  framing_text(&pair.ours));
    ck_assert_msg(!alike || explanation == NULL,
                  "%s: no difference any more, though theirs \"%s\"\nboth:  %s\ninput: %s", name,
                  alike && explanation != NULL ? explanation->theirs : "", framing_text(&pair.ours),
                  escaped(bytes, length));
    release(&pair);
}
END_TEST

/* An explanation is for what they refuse, never for two different framings. */
static bool is_explained(const struct pair *pair, const char *bytes, size_t length)
{
    return pair->theirs.verdict == FRAMING_REFUSED &&
           explanation_that_covers(bytes, length) != NULL;
}

/* What we refuse, nobody can be made to read in two ways. */
static void check_strict(const char *bytes, size_t length, const char *what, unsigned mutant)
{
    struct pair pair = frame_all(bytes, length);

    /* Not ck_assert, which reports to Check's process each time, and this is done very often. */
    if (!is_alike(&pair) && pair.ours.verdict != FRAMING_REFUSED &&
        !is_explained(&pair, bytes, length)) {
        ck_abort_msg("%s, mutant %u\nours:   %s\ntheirs: %s\ninput:  %s", what, mutant,
                     framing_text(&pair.ours), framing_text(&pair.theirs), escaped(bytes, length));
    }
    release(&pair);
}

START_TEST(no_mutant_that_we_accept_is_framed_otherwise_by_them)
{
    for (unsigned mutant = 1; mutant <= MUTANTS; mutant++) {
        const char *bytes;
        size_t length = messages_make((size_t)_i, mutant, &bytes);
        check_strict(bytes, length, messages_name((size_t)_i), mutant);
    }
}
END_TEST

/* Where we refuse a row, its rule says why. */
START_TEST(no_conformance_row_that_we_accept_is_framed_otherwise_by_them)
{
    const struct conformance_group *group = conformance_groups[_i];

    for (size_t i = 0; i < group->count; i++) {
        const struct conformance_row *row = &group->rows[i];
        check_strict(row->bytes.data, row->bytes.length, row->sentence, 0);
    }
}
END_TEST

START_TEST(every_explanation_names_seeds_that_there_are)
{
    for (size_t i = 0; i < explanation_count; i++) {
        for (size_t j = 0; explanations[i].seeds[j] != NULL; j++) {
            bool found = false;
            for (size_t place = 0; place < messages_count(); place++) {
                found = found || strcmp(messages_name(place), explanations[i].seeds[j]) == 0;
            }
            ck_assert_msg(found, "no seed %s", explanations[i].seeds[j]);
        }
    }
}
END_TEST

int main(int argc, char *argv[])
{
    Suite *suite = suite_create("differential");
    TCase *seeds = tcase_create("seeds");
    TCase *mutants = tcase_create("mutants");
    TCase *rows = tcase_create("conformance rows");

    if (argc != 3) {
        fprintf(stderr, "usage: %s FOLDER DICTIONARY\n", argv[0]);
        return 2;
    }
    messages_read(argv[1], argv[2]);
    tcase_add_test(seeds, every_explanation_names_seeds_that_there_are);
    tcase_add_loop_test(seeds, a_seed_is_framed_alike_unless_the_difference_is_explained, 0,
                        (int)messages_count());
    suite_add_tcase(suite, seeds);
    tcase_add_loop_test(mutants, no_mutant_that_we_accept_is_framed_otherwise_by_them, 0,
                        (int)messages_count());
    suite_add_tcase(suite, mutants);
    tcase_add_loop_test(rows, no_conformance_row_that_we_accept_is_framed_otherwise_by_them, 0,
                        (int)conformance_group_count);
    suite_add_tcase(suite, rows);
    return run_suite(suite);
}
