/* ./lab run S3-cpu-times-two */
#include "server_extensions.h"
#include "stage3.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int default_thread_count(const char *mount, const char *group);

/* The line of cgroup v2 in /proc/self/cgroup is '0::' and the group; without one it is the root. */
static void find_group(char ret_group[static PATH_MAX])
{
    char line[PATH_MAX];
    FILE *file = fopen("/proc/self/cgroup", "re");

    strcpy(ret_group, "/");
    if (file == NULL) {
        return;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "0::/", 4) == 0) {
            line[strcspn(line, "\n")] = '\0';
            strcpy(ret_group, line + 3);
        }
    }
    fclose(file);
}

/* CGROUP_MOUNT is for trying it with a tree of one's own. */
static int count_here(void)
{
    char group[PATH_MAX];
    const char *mount = getenv("CGROUP_MOUNT");

    find_group(group);
    return default_thread_count(mount != NULL ? mount : "/sys/fs/cgroup", group);
}

int main(int argc, char **argv)
{
    const struct server_extensions yours = {.default_thread_count = count_here};

    return stage3_main(argc, argv, &yours);
}
