/*
 * check_machine: machines that are not this one.
 *
 * The grader stands between the answer and the kernel: sched_getaffinity, pthread_getaffinity_np,
 * get_nprocs and get_nprocs_conf are defined in check_machine.c, so that the answer sees the
 * machine that a check has made up. Thread: the check's.
 */
#ifndef CHECK_MACHINE_H
#define CHECK_MACHINE_H

#include <stddef.h>

/* The largest machine that Linux is commonly built for. */
enum { MACHINE_MOST_CPUS = 8192 };

/*
 * From now on a machine that has `online` CPUs, with numbers below `possible`: so long is the
 * kernel's mask. This process may use none of them yet.
 */
void machine_pretend(size_t possible, int online);
void machine_allow(size_t cpu);

/* A machine of so many CPUs, all allowed. */
void machine_pretend_all(size_t cpus);

/* Every question is answered with this errno. An answer that goes on asking fails the check. */
void machine_refuse(int error);

/* From now on the real kernel answers. */
void machine_restore(void);

#endif
