#include "access_log_file.h"

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUFFIXES = 10 };

static char folder[64];

void access_log_folder_create(void)
{
    const char *parent = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%s/access-log-XXXXXX", parent != NULL ? parent : "/tmp");
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        exit(2);
    }
}

const char *access_log_path(const char *suffix)
{
    static char path[ACCESS_LOG_PATH];

    snprintf(path, sizeof path, "%s/access.log%s", folder, suffix);
    return path;
}

const char *access_log_option(void)
{
    static char option[ACCESS_LOG_PATH + 16];

    snprintf(option, sizeof option, "--access-log=%s", access_log_path(""));
    return option;
}

void access_log_clear(void)
{
    char suffix[8];

    unlink(access_log_path(""));
    for (int i = 0; i < SUFFIXES; i++) {
        snprintf(suffix, sizeof suffix, ".%d", i);
        unlink(access_log_path(suffix));
    }
}

void access_log_folder_remove(void)
{
    access_log_clear();
    rmdir(folder);
}

int access_log_exists(const char *suffix)
{
    return access(access_log_path(suffix), F_OK) == 0;
}

/* Client and time: what no test can know, so only their form is checked. Returns what follows. */
static const char *skip_known_form(const char *line)
{
    static const char form[] = "000.0.0.0 - - [00/Aaa/0000:00:00:00 +0000] ";
    bool same = true;
    size_t i = 0;

    for (; same && form[i] != '\0'; i++) {
        same = form[i] == '0'   ? line[i] >= '0' && line[i] <= '9'
               : form[i] == 'A' ? line[i] >= 'A' && line[i] <= 'Z'
               : form[i] == 'a' ? line[i] >= 'a' && line[i] <= 'z'
                                : line[i] == form[i];
    }
    ck_assert_msg(same, "expected a line that begins as '%s', got '%s'", form, line);
    return line + i;
}

void access_log_split(char *text, struct access_log_lines *ret_lines)
{
    char *line = text;

    ret_lines->text = text;
    ret_lines->count = 0;
    while (*line != '\0') {
        char *end = strchr(line, '\n');
        ck_assert_msg(end != NULL, "the last line has no end: %s", line);
        ck_assert_uint_lt(ret_lines->count, ACCESS_LOG_LINES);
        *end = '\0';
        ret_lines->lines[ret_lines->count++] = skip_known_form(line);
        line = end + 1;
    }
}

void access_log_read(const char *suffix, struct access_log_lines *ret_lines)
{
    FILE *file = fopen(access_log_path(suffix), "re");
    char *text = NULL;
    size_t size = 0;

    ck_assert_msg(file != NULL, "there is no %s", access_log_path(suffix));
    ssize_t length = getdelim(&text, &size, '\0', file);
    ck_assert_msg(length < 0 || text[length - 1] != '\0', "a NUL is in the log");
    if (length < 0) {
        text[0] = '\0';
    }
    fclose(file);
    access_log_split(text, ret_lines);
}

void access_log_release(struct access_log_lines *lines)
{
    free(lines->text);
}
