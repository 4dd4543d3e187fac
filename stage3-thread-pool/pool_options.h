/*
 * pool_options: the options of every server with a thread pool, with what the extensions add to
 * them.
 */
#ifndef POOL_OPTIONS_H
#define POOL_OPTIONS_H

#include "cli.h"
#include "dispatchers.h"
#include "selection_policy.h"
#include "wakeup.h"

struct pool_options {
    struct named_choices dispatchers;
    struct named_choices wakeups;
    struct named_choices policies;
    int dispatcher; /* indices into the above */
    int wakeup;
    int policy;
    long threads;
    char threads_help[80];
};

enum { POOL_OPTIONS_MAX_THREADS = 256 };

/*
 * The defaults, `extensions` (may be NULL) included. Returns 0, or -errno: a name of the extensions
 * is taken (-EEXIST), there are too many (-ENOSPC), or their thread count makes no sense (-ERANGE).
 */
int pool_options_init(struct pool_options *options, const struct server_extensions *extensions);

#define POOL_OPTIONS_ROWS(options)                                                                 \
    {.name = "threads",                                                                            \
     .argument = "N",                                                                              \
     .help = (options).threads_help,                                                               \
     .kind = CLI_NUMBER,                                                                           \
     .target = &(options).threads,                                                                 \
     .minimum = 0,                                                                                 \
     .maximum = POOL_OPTIONS_MAX_THREADS},                                                         \
        {.name = "policy",                                                                         \
         .argument = "NAME",                                                                       \
         .help = "which loop gets the next connection",                                            \
         .kind = CLI_CHOICE,                                                                       \
         .target = &(options).policy,                                                              \
         .choices = (options).policies.names},                                                     \
        {.name = "wakeup",                                                                         \
         .argument = "NAME",                                                                       \
         .help = "how others wake a loop",                                                         \
         .kind = CLI_CHOICE,                                                                       \
         .target = &(options).wakeup,                                                              \
         .choices = (options).wakeups.names},                                                      \
    {                                                                                              \
        .name = "dispatcher", .argument = "NAME", .help = "how to wait for readiness",             \
        .kind = CLI_CHOICE, .target = &(options).dispatcher,                                       \
        .choices = (options).dispatchers.names                                                     \
    }

#endif
