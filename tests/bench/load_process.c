#include "load_process.h"

#include "sockets.h"

#include <check.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *program;

void load_process_init(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s /path/to/load\n", argv[0]);
        exit(2);
    }
    program = argv[1];
}

/* Moves the child's end of a pipe to the number of a standard stream. */
static void hand_over(posix_spawn_file_actions_t *actions, int from, int to)
{
    ck_assert_int_eq(posix_spawn_file_actions_adddup2(actions, from, to), 0);
}

static void spawn(struct load_process *load, char *const words[])
{
    posix_spawn_file_actions_t actions;
    int pipes[3][2];

    ck_assert_int_eq(posix_spawn_file_actions_init(&actions), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(pipe2(pipes[i], O_CLOEXEC), 0);
        hand_over(&actions, pipes[i][i == 0 ? 0 : 1], i);
    }
    ck_assert_msg(posix_spawn(&load->pid, program, &actions, NULL, words, environ) == 0,
                  "cannot run %s", program);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[0][0]);
    close(pipes[1][1]);
    close(pipes[2][1]);
    load->input = pipes[0][1];
    load->output = pipes[1][0];
    load->errors = pipes[2][0];
}

void load_start(struct load_process *load, const char *mode, unsigned port,
                const char *const words[])
{
    char storage[LOAD_WORDS + 3][64];
    char *argv[LOAD_WORDS + 4];
    int argc = 0;

    *load = (struct load_process){0};
    snprintf(storage[argc++], sizeof storage[0], "load");
    snprintf(storage[argc++], sizeof storage[0], "%s", mode);
    if (port != 0) {
        snprintf(storage[argc++], sizeof storage[0], "--port=%u", port);
    }
    for (; *words != NULL; words++) {
        ck_assert_int_lt(argc, LOAD_WORDS + 3);
        snprintf(storage[argc++], sizeof storage[0], "%s", *words);
    }
    for (int i = 0; i < argc; i++) {
        argv[i] = storage[i];
    }
    argv[argc] = NULL;
    spawn(load, argv);
}

void load_read_line(struct load_process *load, char ret_line[static LOAD_OUTPUT])
{
    size_t length = 0;

    do {
        await_readable(load->output);
        ck_assert_msg(length < LOAD_OUTPUT - 1 && read(load->output, ret_line + length, 1) == 1,
                      "load ended without a line; it said: %.*s", (int)length, ret_line);
    } while (ret_line[length++] != '\n');
    ret_line[length] = '\0';
}

static void read_to_end(int fd, char ret_text[static LOAD_OUTPUT])
{
    size_t length = 0;
    ssize_t n;

    do {
        await_readable(fd);
        n = read(fd, ret_text + length, LOAD_OUTPUT - 1 - length);
        length += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    ret_text[length] = '\0';
    close(fd);
}

void load_wait(struct load_process *load)
{
    int status;

    close(load->input);
    read_to_end(load->output, load->out);
    read_to_end(load->errors, load->err);
    ck_assert_int_eq(waitpid(load->pid, &status, 0), load->pid);
    load->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void load_run_to_end(struct load_process *load, const char *mode, unsigned port,
                     const char *const words[])
{
    load_start(load, mode, port, words);
    load_wait(load);
}

void load_run_against(struct load_process *load, struct scripted_server *server, const char *mode,
                      const char *const words[])
{
    scripted_server_start(server);
    load_run_to_end(load, mode, server->port, words);
    scripted_server_stop(server);
    ck_assert_msg(load->status == 0, "status %d: %s", load->status, load->err);
}

void load_expect_no_error(const struct load_process *load)
{
    ck_assert_msg(load_number(load, "errors") == 0, "%s: %s", load->out, load->err);
    ck_assert_str_eq(load->err, "");
}

uint64_t load_number(const struct load_process *load, const char *key)
{
    char quoted[64];

    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *found = strstr(load->out, quoted);
    ck_assert_msg(found != NULL, "no %s in '%s'; standard error: '%s'", quoted, load->out,
                  load->err);
    return strtoull(found + strlen(quoted), NULL, 10);
}
