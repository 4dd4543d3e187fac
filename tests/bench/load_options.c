#include "load_options.h"

#include "cli.h"

#include <stdio.h>
#include <string.h>

enum {
    STATUS_BAD_COMMAND_LINE = 2,
    MOST_CONNECTIONS = 100000,
    MOST_MS = 600000,
    MOST_PIPELINED = 1024,
    MOST_RATE = 1000000,
    MOST_BYTES = 1 << 20,
};

static const char *const off_or_on[] = {"off", "on", NULL};

/* clang-format off */
#define NUMBER(option_name, text, field, least, most)                                              \
    {.name = option_name, .argument = "N", .help = text, .kind = CLI_NUMBER,                       \
     .target = &(field), .minimum = least, .maximum = most}

#define COMMON_ROWS(options)                                                                       \
    {.name = "host", .argument = "NAME", .help = "the server (127.0.0.1)", .kind = CLI_STRING,     \
     .target = &(options)->host},                                                                  \
    NUMBER("port", "its port (has to be given)", (options)->port, 1, 65535),                       \
    NUMBER("connections", "at the same time (64)", (options)->connections, 1, MOST_CONNECTIONS),   \
    NUMBER("grace", "ms that the last answers may take (5000)", (options)->grace_ms, 1, MOST_MS)

#define DURATION_ROW(options)                                                                      \
    NUMBER("duration", "how long, in ms (1000)", (options)->duration_ms, 1, MOST_MS)
#define PATH_ROW(options, text)                                                                    \
    {.name = "path", .argument = "PATH", .help = text, .kind = CLI_STRING,                         \
     .target = &(options)->path}
#define RATE_ROW(options)                                                                          \
    NUMBER("rate", "requests a second, due at fixed times (as soon as answered)", (options)->rate, \
           1, MOST_RATE)
#define SIZE_ROW(options) NUMBER("size", "bytes of a message (64)", (options)->size, 1, MOST_BYTES)
/* clang-format on */

static bool parse_mode(const char *summary, const struct cli_option *rows, int argc, char **argv,
                       struct load_options *options, int *ret_status)
{
    char name[32];
    const struct cli_program program = {.name = name, .summary = summary, .options = rows};

    snprintf(name, sizeof name, "load %s", options->mode_name);
    if (!cli_parse(&program, argc, argv, ret_status)) {
        return false;
    }
    *ret_status = STATUS_BAD_COMMAND_LINE;
    if (options->port == 0) {
        cli_complain(&program, "--port is missing");
        return false;
    }
    /* It goes into the request line as it is. */
    if (options->path != NULL &&
        (options->path[0] != '/' || strpbrk(options->path, " \t\r\n") != NULL)) {
        cli_complain(&program, "--path: '%s' is not a path that begins with '/'", options->path);
        return false;
    }
    if (options->close && options->pipeline > 1) {
        cli_complain(&program, "--pipeline: a connection with --close=on has one request");
        return false;
    }
    return true;
}

static bool parse_http(int argc, char **argv, struct load_options *options, int *ret_status)
{
    const struct cli_option rows[] = {
        COMMON_ROWS(options),
        DURATION_ROW(options),
        PATH_ROW(options, "what to ask for (/hello)"),
        NUMBER("pipeline", "requests in one piece (1)", options->pipeline, 1, MOST_PIPELINED),
        {.name = "close",
         .argument = "SWITCH",
         .help = "a new connection for each request",
         .kind = CLI_CHOICE,
         .target = &options->close,
         .choices = off_or_on},
        RATE_ROW(options),
        CLI_END,
    };

    options->path = "/hello";
    return parse_mode("GET requests over keep-alive connections.", rows, argc, argv, options,
                      ret_status);
}

static bool parse_echo(int argc, char **argv, struct load_options *options, int *ret_status)
{
    const struct cli_option rows[] = {COMMON_ROWS(options), DURATION_ROW(options),
                                      SIZE_ROW(options), RATE_ROW(options), CLI_END};

    return parse_mode("Messages that an echo server sends back.", rows, argc, argv, options,
                      ret_status);
}

static bool parse_idle(int argc, char **argv, struct load_options *options, int *ret_status)
{
    const struct cli_option rows[] = {
        COMMON_ROWS(options), PATH_ROW(options, "first ask once on each connection"), CLI_END};

    return parse_mode("Connections that do nothing until standard input ends.", rows, argc, argv,
                      options, ret_status);
}

static bool parse_storm(int argc, char **argv, struct load_options *options, int *ret_status)
{
    const struct cli_option rows[] = {COMMON_ROWS(options), DURATION_ROW(options),
                                      SIZE_ROW(options), CLI_END};

    return parse_mode("Connect, one message there and back, close; over and over.", rows, argc,
                      argv, options, ret_status);
}

static const struct {
    const char *name;
    bool (*parse)(int argc, char **argv, struct load_options *options, int *ret_status);
} modes[] = {
    [LOAD_HTTP] = {"http", parse_http},
    [LOAD_ECHO] = {"echo", parse_echo},
    [LOAD_IDLE] = {"idle", parse_idle},
    [LOAD_STORM] = {"storm", parse_storm},
};

bool load_options_parse(int argc, char **argv, struct load_options *ret_options, int *ret_status)
{
    const char *word = argc > 1 ? argv[1] : "--help";

    *ret_options = (struct load_options){
        .host = "127.0.0.1",
        .connections = 64,
        .duration_ms = 1000,
        .grace_ms = 5000,
        .pipeline = 1,
        .size = 64,
    };
    for (int i = 0; i < (int)(sizeof modes / sizeof *modes); i++) {
        if (strcmp(word, modes[i].name) == 0) {
            ret_options->mode = (enum load_mode)i;
            ret_options->mode_name = modes[i].name;
            return modes[i].parse(argc - 1, argv + 1, ret_options, ret_status);
        }
    }
    bool asked = argc > 1 && strcmp(word, "--help") == 0;
    fprintf(asked ? stdout : stderr,
            "usage: load http|echo|idle|storm --port=N … (load MODE --help lists the options)\n");
    *ret_status = asked ? 0 : STATUS_BAD_COMMAND_LINE;
    return false;
}
