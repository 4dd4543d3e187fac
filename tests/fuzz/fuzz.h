/*
 * fuzz: what the fuzz targets share.
 *
 * A target is one function that gets any bytes at all and judges what the code under test makes of
 * them, by rules that hold for every input. libFuzzer calls it with inputs it makes up (./lab
 * fuzz), replay.c with the kept seeds and mutants of them (./lab test). Where a rule is broken the
 * target says so and aborts: that is what both of them look for.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "random_numbers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each target defines it. Returns 0; the name and the rest of its form are libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Unless the rule holds, prints the text and aborts. */
void fuzz_require(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The bytes in an allocation of exactly their length, so that the address sanitizer sees who looks
 * one byte too far. To be freed.
 */
char *fuzz_copy(const void *bytes, size_t length);

/* Numbers that depend on the input and on nothing else: a find comes again with its input. */
struct random_numbers fuzz_numbers(const void *bytes, size_t length);

/* How many of the bytes left the next piece has: at least one of them, more often few. */
size_t fuzz_piece(struct random_numbers *numbers, size_t left);

#endif
