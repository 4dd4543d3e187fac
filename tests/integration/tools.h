/*
 * tools: other people's programs, run against the server under test.
 *
 * A test program names the tools it needs; Meson passes their paths in the same order, behind the
 * folder with the scripts and configurations for them. All processes of the program work in the
 * folder of web_root, so that whatever they write has a short name and is removed at the end.
 */
#ifndef TOOLS_H
#define TOOLS_H

#include "integration.h"
#include "server_process.h"

#include <stddef.h>

/* For a list of words where one is wanted: WORDS("--head", "--silent"). */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/*
 * Instead of integration_init; makes the web root, too. Without one of the tools, named in the list
 * that NULL ends, it ends the program with status 77: Meson's word for skipped.
 */
void tools_init(int argc, char **argv, const char *const *names);

/* Instead of integration_run. */
int tools_run(Suite *suite);

/* The server with files to serve, and up to three further options (NULL: none). */
struct server_process *tools_start_server(const char *const *further);

/* Path of a tool, by its place in the list of names. */
const char *tool_program(int tool);

/* Path of a script; good until the next call. */
const char *tool_script(const char *name);

/* Runs a tool, which must succeed. Returns what it wrote to standard output, to be freed. */
char *tool_run(int tool, const char *const *words);

/* Runs the first tool, which is curl, with a path of the server and up to twelve options. */
char *tool_run_curl(const struct server_process *server, const char *path,
                    const char *const *options);

/* Both free the output. */
void tool_expect_output(char *output, const char *expected);
void tool_expect_lines(char *output, const char *line, int count);

/* Writes a file of random bytes. */
void tool_write_random(const char *name, size_t size);

/* Copies the first bytes of a file to another. */
void tool_copy_file(const char *from, const char *to, size_t size);

/* Fails the test unless both files have the same bytes. */
void tool_expect_same_files(const char *expected, const char *actual);

#endif
