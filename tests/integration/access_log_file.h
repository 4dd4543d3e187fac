/*
 * access_log_file: the file that a server writes its access log to, and what its lines say.
 *
 * In a folder of the test's own, made by main and removed by it, also when tests fail.
 */
#ifndef ACCESS_LOG_FILE_H
#define ACCESS_LOG_FILE_H

#include <stddef.h>

enum { ACCESS_LOG_LINES = 4096, ACCESS_LOG_PATH = 128 };

struct access_log_lines {
    char *text;
    size_t count;
    /* Behind client and time, without the newline: `"GET / HTTP/1.1" 200 5 "-" "-"`. */
    const char *lines[ACCESS_LOG_LINES];
};

void access_log_folder_create(void);
void access_log_folder_remove(void);

/* Removes the files in it, for the next test. */
void access_log_clear(void);

/* "FOLDER/access.log" and "--access-log=FOLDER/access.log"; `suffix` is put behind ("" for none). */
const char *access_log_path(const char *suffix);
const char *access_log_option(void);

/* Whether the file is there. */
int access_log_exists(const char *suffix);

/* Reads the whole file. Each line must be complete, and begin with a client and a time. */
void access_log_read(const char *suffix, struct access_log_lines *ret_lines);
void access_log_release(struct access_log_lines *lines);

/* Takes text apart that a server has written elsewhere. Owns it. */
void access_log_split(char *text, struct access_log_lines *ret_lines);

#endif
