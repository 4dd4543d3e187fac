/* caught-by: the_mask_and_the_quota_hold_together */
/* Where there is a quota the mask is not asked: six threads on two CPUs. */
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
    long long least = INT_MAX;

    for (size_t length = strlen(group); length > 0; length--) {
        if (length == 1 || group[length] == '/' || group[length] == '\0') {
            snprintf(path, sizeof path, "%s%.*s/cpu.max", mount, (int)length, group);
            long long quota = quota_in(path);
            least = quota < least ? quota : least;
        }
    }
    return least;
}

int default_thread_count(const char *mount, const char *group)
{
    long long quota = quota_along(mount, group);
    int cpus = quota < INT_MAX ? (int)quota : thread_pool_default_count();

    return cpus < POOL_OPTIONS_MAX_THREADS / 2 ? 2 * cpus : POOL_OPTIONS_MAX_THREADS;
}
