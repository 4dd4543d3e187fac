#include "stage2.h"

#include "dispatchers.h"
#include "echo_server.h"

#include <string.h>

int stage2_main(int argc, char **argv, const struct server_extensions *extensions)
{
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct named_choices dispatchers;
    int dispatcher = DISPATCHERS_DEFAULT;
    const struct cli_option table[] = {
        SERVER_OPTIONS_ROWS(options),
        {.name = "dispatcher",
         .argument = "NAME",
         .help = "how to wait for readiness",
         .kind = CLI_CHOICE,
         .target = &dispatcher,
         .choices = dispatchers.names},
        CLI_END,
    };
    const struct cli_program program = {
        .name = "stage2-dispatchers",
        .summary = "An echo server: one thread, one event loop, a dispatcher of your choice.",
        .options = table,
    };
    int status;
    int result = dispatchers_list(extensions, &dispatchers);

    if (result < 0) {
        cli_complain(&program, "the extensions' dispatchers: %s", strerror(-result));
        return 2;
    }
    if (!cli_parse(&program, argc, argv, &status)) {
        return status;
    }
    return echo_server_run(program.name, dispatchers.tables[dispatcher], &options);
}
