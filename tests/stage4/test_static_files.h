/* test_static_files: its cases, one file a TCase, and what they share. */
#ifndef TEST_STATIC_FILES_H
#define TEST_STATIC_FILES_H

#include "file_tree.h"
#include "request_fixture.h"
#include "sockets.h"
#include "static_files.h"
#include "suite_runner.h"

enum { SMALL_FILE = 16 * 1024, LARGE_FILE = 2 * 1000 * 1000 };

TCase *static_files_answers(void);
TCase *static_files_conditions(void);
TCase *static_files_listing(void);
TCase *static_files_ranges(void);
TCase *static_files_sources(void);
TCase *static_files_served(void);

/* Unchecked fixture, with file_tree_remove: the tree below the root, and a secret beside it. */
void build_site(void);

/* Checked fixture: the files to be tested. */
extern struct static_files *files;
void open_files(void);
void open_files_with_listing(void);
void close_files(void);

/* A server (server_fixture.h) whose only route is these files, by a handler of theirs. */
void open_file_server(http_handler *handler);
void close_file_server(void);

/* What the handler is given and what it answers, by hand; request_fixture_close it. */
extern struct request_fixture fixture;
void ask(const char *target);
void ask_with(const char *method, const char *target, const char *fields);

/* The handler once more, for the same request and response. */
void ask_again(void);

/* When a file was changed last. */
void set_time(const char *name, int64_t seconds, long nanoseconds);

/* A file of so many bytes of the pattern (sockets.h). */
void pattern_file(const char *name, size_t length);

#endif
