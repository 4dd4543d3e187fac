#include "stage3.h"

#include "echo.h"
#include "pool_options.h"
#include "tcp_server.h"

#include <string.h>

int stage3_main(int argc, char **argv, const struct server_extensions *extensions)
{
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct pool_options pool;
    const struct cli_option table[] = {
        SERVER_OPTIONS_ROWS(options),
        POOL_OPTIONS_ROWS(pool),
        CLI_END,
    };
    const struct cli_program program = {
        .name = "stage3-thread-pool",
        .summary = "An echo server: a main reactor that accepts, sub-reactors that do the rest.",
        .options = table,
    };
    int status;
    int result = pool_options_init(&pool, extensions);

    if (result < 0) {
        cli_complain(&program, "the extensions: %s", strerror(-result));
        return 2;
    }
    if (!cli_parse(&program, argc, argv, &status)) {
        return status;
    }
    const struct tcp_server_config config = {
        .program = program.name,
        .scheme = "",
        .suffix = "",
        .options = &options,
        .policy = pool.policies.tables[pool.policy],
        .thread_count = (size_t)pool.threads,
        .reactor =
            {
                .dispatcher = pool.dispatchers.tables[pool.dispatcher],
                .wakeup = pool.wakeups.tables[pool.wakeup],
                .limits = CONNECTION_LIMITS_DEFAULT,
                .callbacks = &echo_callbacks,
            },
    };
    return tcp_server_run(&config);
}
