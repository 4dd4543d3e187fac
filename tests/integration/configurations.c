#include "configurations.h"

#include "integration.h"

#include <string.h>

enum { OWN_ARGUMENTS_MAX = 3, FURTHER_ARGUMENTS_MAX = 4 };

struct configuration {
    const char *stage;
    const char *arguments[OWN_ARGUMENTS_MAX + 1];
};

static const struct configuration configurations[] = {
    {"stage1", {NULL}},
    {"stage2", {"--dispatcher=poll"}},
    {"stage2", {"--dispatcher=select"}},
    {"stage2", {"--dispatcher=epoll"}},
    {"stage3", {"--threads=0", "--wakeup=socketpair"}},
    {"stage3", {"--threads=0", "--wakeup=eventfd"}},
    {"stage3", {"--threads=1", "--wakeup=socketpair"}},
    {"stage3", {"--threads=1", "--wakeup=eventfd"}},
    {"stage3", {"--threads=4", "--wakeup=socketpair"}},
    {"stage3", {"--threads=4", "--wakeup=eventfd"}},
    {"stage3", {"--threads=4", "--wakeup=socketpair", "--dispatcher=poll"}},
    {"stage3", {"--threads=4", "--wakeup=eventfd", "--dispatcher=select"}},
    {"stage4", {"--threads=0", "--dispatcher=select"}},
    {"stage4", {"--threads=4", "--wakeup=eventfd"}},
    {"stage4", {"--threads=1", "--dispatcher=poll"}},
};

enum { CONFIGURATIONS = sizeof configurations / sizeof *configurations };

/* The i-th of the stage under test; NULL behind the last. */
static const struct configuration *configuration_of_stage(int i)
{
    for (int each = 0; each < CONFIGURATIONS; each++) {
        if (strcmp(configurations[each].stage, integration_stage()) == 0 && i-- == 0) {
            return &configurations[each];
        }
    }
    return NULL;
}

int configuration_count(void)
{
    int count = 0;

    while (configuration_of_stage(count) != NULL) {
        count++;
    }
    return count;
}

bool configuration_selects(int i)
{
    const char *const *argument = configuration_of_stage(i)->arguments;

    while (*argument != NULL && strcmp(*argument, "--dispatcher=select") != 0) {
        argument++;
    }
    return *argument != NULL;
}

struct server_process *configuration_start_limited(int i, const char *const *further,
                                                   rlim_t descriptor_limit)
{
    const struct configuration *configuration = configuration_of_stage(i);
    const char *arguments[OWN_ARGUMENTS_MAX + FURTHER_ARGUMENTS_MAX + 1];
    int count = 0;

    while (configuration->arguments[count] != NULL) {
        arguments[count] = configuration->arguments[count];
        count++;
    }
    for (int j = 0; further != NULL && further[j] != NULL; j++) {
        ck_assert_int_lt(j, FURTHER_ARGUMENTS_MAX);
        arguments[count++] = further[j];
    }
    arguments[count] = NULL;
    return server_start(
        &(struct server_launch){.arguments = arguments, .descriptor_limit = descriptor_limit});
}

struct server_process *configuration_start(int i, const char *const *further)
{
    return configuration_start_limited(i, further, 0);
}
