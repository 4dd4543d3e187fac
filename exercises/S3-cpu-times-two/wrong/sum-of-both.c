/* caught-by: large_numbers_are_read_whole */
/* Rounds up by adding the period first, which may not fit. */
#include "pool_options.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

int default_thread_count(const char *mount, const char *group);

enum { LARGEST_SET = 64 * CPU_SETSIZE };

static const long long NO_LIMIT = LLONG_MAX;

/* Returns how many CPUs are in this process's mask, or -errno; -EINVAL: the set is too small. */
static int count_mask(int capacity)
{
    cpu_set_t *set = CPU_ALLOC((size_t)capacity);

    if (set == NULL) {
        return -ENOMEM;
    }
    size_t size = CPU_ALLOC_SIZE((size_t)capacity);
    int result = sched_getaffinity(0, size, set) < 0 ? -errno : CPU_COUNT_S(size, set);
    CPU_FREE(set);
    return result;
}

static int mask_cpus(void)
{
    int capacity = CPU_SETSIZE;
    int cpus = count_mask(capacity);

    /* No call tells how long the kernel's mask is; EINVAL tells that ours was shorter. */
    while (cpus == -EINVAL && capacity < LARGEST_SET) {
        capacity *= 2;
        cpus = count_mask(capacity);
    }
    return cpus < 1 ? 1 : cpus;
}

/* The quota in one file, in CPUs, or NO_LIMIT: 'max 100000' does not begin with a number. */
static long long quota_in(const char *path)
{
    long long quota;
    long long period;
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        return NO_LIMIT;
    }
    int read = fscanf(file, "%lld %lld", &quota, &period);
    fclose(file);
    if (read != 2 || quota <= 0 || period <= 0) {
        return NO_LIMIT;
    }
    return (long long)((unsigned long long)quota + (unsigned long long)period - 1) / period;
}

/* The smallest quota from the group up to the root of the tree: a parent's limit holds for all. */
static long long quota_cpus(const char *mount, const char *group)
{
    char path[PATH_MAX];
    long long least = NO_LIMIT;

    for (size_t length = strlen(group);;) {
        snprintf(path, sizeof path, "%s%.*s/cpu.max", mount, (int)length, group);
        long long quota = quota_in(path);
        if (quota < least) {
            least = quota;
        }
        if (length == 0) {
            return least;
        }
        /* To the parent: back to the slash before the last name. */
        do {
            length--;
        } while (group[length] != '/');
    }
}

int default_thread_count(const char *mount, const char *group)
{
    long long cpus = mask_cpus();
    long long quota = quota_cpus(mount, group);

    if (quota < cpus) {
        cpus = quota;
    }
    return cpus < POOL_OPTIONS_MAX_THREADS / 2 ? (int)(2 * cpus) : POOL_OPTIONS_MAX_THREADS;
}
