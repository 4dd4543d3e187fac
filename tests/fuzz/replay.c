/*
 * replay: a fuzz target without libFuzzer, as a test that runs everywhere.
 *
 *     replay_TARGET FOLDER DICTIONARY    all seeds, and mutants of them, a case of Check a seed
 *     replay_TARGET FILE                 one input, in this process, for a debugger
 *
 * A seed has no process of its own for each mutant, that would take too long. So the number of the
 * mutant in progress is kept where it outlives the process: what broke a rule is written to a file
 * afterwards.
 */
#include "corpus.h"
#include "fuzz.h"
#include "mutator.h"
#include "suite_runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MUTANTS = 20000, NOTHING = -1, SEED_ITSELF = 0 };

static struct corpus corpus;
static int mutants_each;
static int *in_progress; /* by seed: which mutant, or NOTHING; shared with the tests' processes */

static void judge(const char *bytes, size_t length)
{
    /* Its own allocation: who looks behind the input is seen by the address sanitizer. */
    char *copy = fuzz_copy(bytes, length);

    LLVMFuzzerTestOneInput((const uint8_t *)copy, length);
    free(copy);
}

/* Mutant 0 is the seed itself. */
static size_t make_mutant(int seed, int mutant, char *ret)
{
    uint64_t stream = ((uint64_t)seed << 32) + (uint64_t)mutant;
    struct random_numbers numbers = random_numbers_from(stream);
    const struct seed *other = &corpus.seeds[random_below(&numbers, corpus.count)];

    if (mutant != SEED_ITSELF) {
        return mutator_mutate(&corpus.seeds[seed], other, &numbers, ret);
    }
    fuzz_require(corpus.seeds[seed].length <= MUTANT_MOST, "%s is too long",
                 corpus.seeds[seed].path);
    memcpy(ret, corpus.seeds[seed].bytes, corpus.seeds[seed].length);
    return corpus.seeds[seed].length;
}

START_TEST(no_rule_is_broken_by_a_seed_or_by_its_mutants)
{
    static char bytes[MUTANT_MOST];

    for (int mutant = 0; mutant <= mutants_each; mutant++) {
        in_progress[_i] = mutant;
        judge(bytes, make_mutant(_i, mutant, bytes));
    }
    in_progress[_i] = NOTHING;
}
END_TEST

/* Behind Check's report: which input it was, and how to see it again. */
static void keep_finds(const char *program)
{
    static char bytes[MUTANT_MOST];

    for (int i = 0; i < (int)corpus.count; i++) {
        if (in_progress[i] == NOTHING) {
            continue;
        }
        char path[64];
        snprintf(path, sizeof path, "%s-find-%d-%d", program_invocation_short_name, i,
                 in_progress[i]);
        size_t length = make_mutant(i, in_progress[i], bytes);
        FILE *file = fopen(path, "we");
        fuzz_require(file != NULL && fwrite(bytes, 1, length, file) == length, "%s: %s", path,
                     strerror(errno));
        fclose(file);
        char *real = realpath(path, NULL);
        printf("\nmutant %d of %s breaks a rule; see it again with:\n  %s %s\n", in_progress[i],
               corpus.seeds[i].path, program, real != NULL ? real : path);
        free(real);
    }
}

static int replay_corpus(const char *program, const char *folder, const char *dictionary)
{
    Suite *suite = suite_create(program_invocation_short_name);
    TCase *replay = tcase_create("replay");

    mutator_read_dictionary(dictionary);
    corpus = corpus_read(folder);
    mutants_each = MUTANTS / (int)corpus.count;
    in_progress = mmap(NULL, corpus.count * sizeof *in_progress, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fuzz_require(in_progress != MAP_FAILED, "no memory");
    for (size_t i = 0; i < corpus.count; i++) {
        in_progress[i] = NOTHING;
    }
    tcase_add_loop_test(replay, no_rule_is_broken_by_a_seed_or_by_its_mutants, 0,
                        (int)corpus.count);
    suite_add_tcase(suite, replay);
    int status = run_suite(suite);
    keep_finds(program);
    corpus_release(&corpus);
    return status;
}

static int replay_file(const char *path)
{
    struct seed seed = corpus_read_seed(path);

    judge(seed.bytes, seed.length);
    corpus_release_seed(&seed);
    printf("%s breaks no rule\n", path);
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc == 2) {
        return replay_file(argv[1]);
    }
    if (argc == 3) {
        return replay_corpus(argv[0], argv[1], argv[2]);
    }
    fprintf(stderr, "usage: %s FOLDER DICTIONARY | FILE\n", argv[0]);
    return 2;
}
