/*
 * allocation_faults: makes memory short at a chosen moment.
 *
 * A program that uses this links with link_args: allocation_faults_args (tests/meson.build), which
 * lets the linker lead malloc, calloc, realloc and reallocarray of the code under test through
 * here. Any thread counts.
 */
#ifndef ALLOCATION_FAULTS_H
#define ALLOCATION_FAULTS_H

/* `spared` further allocations succeed (0: not even the next one), and all after them fail. */
void allocations_fail_after(int spared);
void allocations_succeed(void);

#endif
