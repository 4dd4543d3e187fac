/*
 * mutator: inputs that resemble a seed, for the short run in every `./lab test`.
 *
 * The same seed, the same number: the same mutant, on every machine. libFuzzer does this far better
 * because it sees which code an input reaches; this one needs nothing but a C compiler.
 */
#ifndef MUTATOR_H
#define MUTATOR_H

#include "corpus.h"
#include "random_numbers.h"

enum { MUTANT_MOST = 8192 };

/*
 * Reads the words of a dictionary in libFuzzer's form: one a line, in double quotes, with \xNN, \\
 * and \". Ends the process if it cannot.
 */
void mutator_read_dictionary(const char *path);

/*
 * Changes the seed in one place or in a few, and sometimes goes on like `other`. Returns the
 * length; `ret` has room for MUTANT_MOST bytes.
 */
size_t mutator_mutate(const struct seed *seed, const struct seed *other,
                      struct random_numbers *numbers, char *ret);

#endif
