#include "tools.h"

#include "configurations.h"
#include "web_root.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { SCRIPTS = 3, TOOLS = 4, SKIPPED = 77, CURL_WORDS = 20, CURL = 0 };

const char *tool_program(int tool)
{
    return integration_argument(TOOLS + tool);
}

const char *tool_script(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/%s", integration_argument(SCRIPTS), name);
    return path;
}

void tools_init(int argc, char **argv, const char *const *names)
{
    integration_init(argc, argv);
    for (int i = 0; names[i] != NULL; i++) {
        if (tool_program(i) == NULL || *tool_program(i) == '\0') {
            fprintf(stderr, "%s is missing: these tests are skipped\n", names[i]);
            exit(SKIPPED);
        }
    }
    web_root_create();
    if (chdir(web_root_folder()) != 0) {
        perror(web_root_folder());
        web_root_remove();
        exit(2);
    }
}

int tools_run(Suite *suite)
{
    int status = integration_run(suite);

    web_root_remove();
    return status;
}

struct server_process *tools_start_server(const char *const *further)
{
    enum { THREADS_AND_EVENTFD = 1, FURTHER_MAX = 3 };
    const char *words[FURTHER_MAX + 2] = {web_root_option()};

    for (int i = 0; further != NULL && further[i] != NULL; i++) {
        ck_assert_int_lt(i, FURTHER_MAX);
        words[i + 1] = further[i];
    }
    return configuration_start(THREADS_AND_EVENTFD, words);
}

char *tool_run(int tool, const char *const *words)
{
    struct server_process *process =
        server_spawn(&(struct server_launch){.program = tool_program(tool), .arguments = words});
    char *output = server_read_output(process);
    int status = server_wait(process);

    ck_assert_msg(status == 0, "%s ended with status %d; it wrote '%.1000s' and '%.1000s'",
                  tool_program(tool), status, output, server_read_log(process));
    return output;
}

/* A proxy listens on a socket of the file system, which curl has to be told beside the URL. */
static const char *unix_socket_of(const struct server_process *server)
{
    return server->address.ss_family == AF_UNIX
               ? ((const struct sockaddr_un *)&server->address)->sun_path
               : NULL;
}

char *tool_run_curl(const struct server_process *server, const char *path,
                    const char *const *options)
{
    const char *words[CURL_WORDS] = {"--silent", "--show-error", "--noproxy", "*"};
    char url[128];
    int count = 4;

    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", server->port, path);
    words[count++] = url;
    if (unix_socket_of(server) != NULL) {
        words[count++] = "--unix-socket";
        words[count++] = unix_socket_of(server);
    }
    while (*options != NULL) {
        ck_assert_int_lt(count, CURL_WORDS - 1);
        words[count++] = *options++;
    }
    return tool_run(CURL, words);
}

void tool_expect_output(char *output, const char *expected)
{
    /* Check ends a test whose message is too long without showing it. */
    ck_assert_msg(strcmp(output, expected) == 0, "not '%.1000s', but '%.1000s'", expected, output);
    free(output);
}

void tool_expect_lines(char *output, const char *line, int count)
{
    const char *rest = output;
    size_t length = strlen(line);

    for (int i = 0; i < count; i++) {
        ck_assert_msg(strncmp(rest, line, length) == 0 && rest[length] == '\n',
                      "line %d is not '%s': %.200s", i, line, rest);
        rest += length + 1;
    }
    ck_assert_msg(*rest == '\0', "behind %d lines '%s' came: %.200s", count, line, rest);
    free(output);
}

static FILE *open_file(const char *name, const char *mode)
{
    FILE *file = fopen(name, mode);

    ck_assert_msg(file != NULL, "cannot open %s", name);
    return file;
}

void tool_write_random(const char *name, size_t size)
{
    FILE *file = open_file(name, "we");
    uint64_t state = seed_for(size);

    for (size_t i = 0; i < size; i++) {
        putc((int)(random_next(&state) & 0xff), file);
    }
    ck_assert_int_eq(fclose(file), 0);
}

void tool_copy_file(const char *from, const char *to, size_t size)
{
    FILE *source = open_file(from, "re");
    FILE *target = open_file(to, "we");

    for (size_t i = 0; i < size; i++) {
        putc(getc(source), target);
    }
    fclose(source);
    ck_assert_int_eq(fclose(target), 0);
}

void tool_expect_same_files(const char *expected, const char *actual)
{
    FILE *left = open_file(expected, "re");
    FILE *right = open_file(actual, "re");
    long position = -1;
    int wanted;
    int came;

    do {
        wanted = getc_unlocked(left);
        came = getc_unlocked(right);
        position++;
    } while (wanted == came && wanted != EOF);
    ck_assert_msg(wanted == came, "%s is not %s: at byte %ld came %d, not %d (-1: the end)", actual,
                  expected, position, came, wanted);
    fclose(left);
    fclose(right);
}
