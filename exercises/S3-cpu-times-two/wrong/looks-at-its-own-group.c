/* caught-by: the_smallest_quota_along_the_path_counts */
/* The limit of a pod stands in the group above that of its container. */
#include "pool_options.h"
#include "thread_pool.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

int default_thread_count(const char *mount, const char *group);

static long long quota_in(const char *path)
{
    long long quota;
    long long period;
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        return INT_MAX;
    }
    int read = fscanf(file, "%lld %lld", &quota, &period);
    fclose(file);
    if (read != 2 || quota <= 0 || period <= 0) {
        return INT_MAX;
    }

    return (quota - 1) / period + 1;
}

static long long quota_along(const char *mount, const char *group)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s%s/cpu.max", mount, group);
    return quota_in(path);
}

int default_thread_count(const char *mount, const char *group)
{
    int cpus = thread_pool_default_count();
    long long quota = quota_along(mount, group);

    if (quota < cpus) {
        cpus = (int)quota;
    }
    return cpus < POOL_OPTIONS_MAX_THREADS / 2 ? 2 * cpus : POOL_OPTIONS_MAX_THREADS;
}
