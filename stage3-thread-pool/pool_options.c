#include "pool_options.h"

#include "thread_pool.h"

#include <errno.h>
#include <stdio.h>

int pool_options_init(struct pool_options *options, const struct server_extensions *extensions)
{
    bool own_count = extensions != NULL && extensions->default_thread_count != NULL;

    *options = (struct pool_options){
        .dispatcher = DISPATCHERS_DEFAULT,
        .wakeup = WAKEUPS_DEFAULT,
        .policy = POLICIES_DEFAULT,
        .threads = own_count ? extensions->default_thread_count() : thread_pool_default_count(),
    };
    if (!own_count && options->threads > POOL_OPTIONS_MAX_THREADS) {
        options->threads = POOL_OPTIONS_MAX_THREADS;
    }
    if (options->threads < 0 || options->threads > POOL_OPTIONS_MAX_THREADS) {
        return -ERANGE;
    }
    snprintf(options->threads_help, sizeof options->threads_help,
             "sub-reactors; 0: all on the main one (%ld here)", options->threads);
    int result = dispatchers_list(extensions, &options->dispatchers);
    if (result == 0) {
        result = wakeups_list(extensions, &options->wakeups);
    }
    if (result == 0) {
        result = policies_list(extensions, &options->policies);
    }
    return result;
}
