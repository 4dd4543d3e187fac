#include "stage1.h"

#include "echo_server.h"
#include "poll_dispatcher.h"

int stage1_main(int argc, char **argv, const struct server_extensions *extensions)
{
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    const struct cli_option table[] = {SERVER_OPTIONS_ROWS(options), CLI_END};
    const struct cli_program program = {
        .name = "stage1-single-reactor",
        .summary = "An echo server: one thread, one event loop, poll.",
        .options = table,
    };
    int status;

    /* Nothing here can be extended: one dispatcher, no threads, no policy. */
    (void)extensions;
    if (!cli_parse(&program, argc, argv, &status)) {
        return status;
    }
    return echo_server_run(program.name, &poll_dispatcher, &options);
}
