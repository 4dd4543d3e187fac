/* test_access_log: its cases, one file a TCase, and what they share. */
#ifndef TEST_ACCESS_LOG_H
#define TEST_ACCESS_LOG_H

#include "access_log.h"
#include "file_tree.h"
#include "suite_runner.h"

enum { MOST_WRITERS = 4, LINE_ROOM = 1024 };

/* A span of a literal, which may hold a NUL. */
#define SPAN(text) ((struct http_span){text, sizeof(text) - 1})

TCase *access_log_drops(void);
TCase *access_log_files(void);
TCase *access_log_format(void);

/* A log of that file of the tree. */
struct access_log *open_log(const char *name);

/* All of a file of the tree; good until the next call. */
const char *file_text(const char *name);

/* What a descriptor that does not block gives at once; 0 if that is nothing. */
size_t read_now(int fd, char *ret_bytes, size_t capacity);

/* A line of half a kilobyte that names its writer and its number, and what it looks like. */
void add_numbered(struct access_log_stream *stream, unsigned writer, unsigned number);
void numbered_line(unsigned writer, unsigned number, char ret_line[static LINE_ROOM]);

/*
 * Fails unless the text is numbered lines, all of them whole, those of each writer in their order.
 * next[writer] is the lowest number that may come, and moves on. Returns how many lines there are.
 */
unsigned check_numbered(const char *text, unsigned next[static MOST_WRITERS]);

#endif
