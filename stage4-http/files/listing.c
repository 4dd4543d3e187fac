#include "listing.h"

#include "beneath.h"
#include "http_date.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
    char name[NAME_MAX + 1];
    bool directory;
    off_t size;
    time_t modified;
};

static const char page_start[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n"
    "body { font: 16px/1.6 sans-serif; max-width: 52em; margin: 2em auto; padding: 0 1em; }\n"
    "table { width: 100%; border-collapse: collapse; }\n"
    "td { border-top: 1px solid #ddd; overflow-wrap: anywhere; }\n"
    "td + td { text-align: right; white-space: nowrap; padding-left: 1em; color: #555; }\n"
    "</style>\n<title>";

/* As text that cannot become markup, nor a command to the terminal that shows the page. */
static void put_escaped(FILE *page, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (strchr("&<>\"'", c) != NULL) {
            fprintf(page, "&#%d;", c);
        } else {
            putc(c < ' ' || c == 0x7f ? '?' : c, page);
        }
    }
}

/*
 * As a relative link. All but the unreserved characters (RFC 3986, 2.3) are encoded, so that "?"
 * and "#" do not end the path and "a:" is no scheme.
 */
static void put_encoded(FILE *page, const char *name)
{
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        fprintf(page, isalnum(c) || strchr("-._~", c) != NULL ? "%c" : "%%%02X", c);
    }
}

static void put_row(FILE *page, const struct entry *entry)
{
    const char *slash = entry->directory ? "/" : "";
    char date[HTTP_DATE_TEXT];

    http_date_format(entry->modified, date);
    fputs("<tr><td><a href=\"", page);
    put_encoded(page, entry->name);
    fprintf(page, "%s\">", slash);
    put_escaped(page, entry->name);
    fprintf(page, "%s</a></td><td>", slash);
    if (!entry->directory) {
        fprintf(page, "%jd", (intmax_t)entry->size);
    }
    fprintf(page, "</td><td>%s</td></tr>\n", date);
}

static void put_page(FILE *page, const char *path, const struct entry *entries, size_t count,
                     bool complete)
{
    fputs(page_start, page);
    put_escaped(page, path);
    fputs("</title>\n</head>\n<body>\n<h1>", page);
    put_escaped(page, path);
    fputs("</h1>\n<table>\n", page);
    if (strcmp(path, "/") != 0) {
        fputs("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n", page);
    }
    for (size_t i = 0; i < count; i++) {
        put_row(page, &entries[i]);
    }
    fputs("</table>\n", page);
    if (!complete) {
        fprintf(page, "<p>Only %d names were looked at; there are more.</p>\n", LISTING_MOST);
    }
    fputs("</body>\n</html>\n", page);
}

/* A link counts as what it leads to, but only the kernel knows whether that is below the root. */
static bool follow_link(int root_fd, const char *path, const char *name, struct stat *ret_info)
{
    struct buffer target = {0};
    int fd = -ENOMEM;

    if (buffer_printf(&target, "%s%s%c", path + 1, name, '\0') == 0) {
        fd = beneath_open(root_fd, buffer_data(&target));
    }
    buffer_release(&target);
    if (fd < 0) {
        return false;
    }
    int result = fstat(fd, ret_info);
    close(fd);
    return result == 0;
}

static bool describe(int root_fd, DIR *directory, const char *path, const char *name,
                     struct entry *ret_entry)
{
    struct stat info;

    if (name[0] == '.' || fstatat(dirfd(directory), name, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
        (S_ISLNK(info.st_mode) && !follow_link(root_fd, path, name, &info)) ||
        (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))) {
        return false;
    }
    snprintf(ret_entry->name, sizeof ret_entry->name, "%s", name);
    ret_entry->directory = S_ISDIR(info.st_mode);
    ret_entry->size = info.st_size;
    ret_entry->modified = info.st_mtime;
    return true;
}

/* Directories first, then by the bytes of the name. */
static int compare(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;

    return a->directory != b->directory ? b->directory - a->directory : strcmp(a->name, b->name);
}

static int answer_page(struct http_response *response, const char *path,
                       const struct entry *entries, size_t count, bool complete)
{
    char *text = NULL;
    size_t length;
    FILE *page = open_memstream(&text, &length);

    if (page == NULL) {
        return -ENOMEM;
    }
    put_page(page, path, entries, count, complete);
    bool failed = ferror(page) != 0; /* only memory can be short here */
    failed = fclose(page) != 0 || failed;
    if (!failed) {
        http_response_copy(response, "text/html; charset=utf-8", text, length);
    }
    free(text);
    return failed ? -ENOMEM : 0;
}

/*
 * Reads at most LISTING_MOST names beside "." and "..", whether they are shown or not: each costs a
 * system call or two. *ret_complete: there are no more.
 */
static size_t read_entries(int root_fd, DIR *directory, const char *path, struct entry *ret_entries,
                           bool *ret_complete)
{
    const struct dirent *next = readdir(directory);
    size_t count = 0;

    for (int looked_at = 0; next != NULL && looked_at < LISTING_MOST + 2; looked_at++) {
        count += describe(root_fd, directory, path, next->d_name, &ret_entries[count]);
        next = readdir(directory);
    }
    *ret_complete = next == NULL;
    return count;
}

int listing_answer(struct http_response *response, int root_fd, const char *path)
{
    bool complete;
    int fd = beneath_open(root_fd, path[1] != '\0' ? path + 1 : ".");

    if (fd < 0) {
        return fd;
    }
    struct entry *entries = calloc(LISTING_MOST + 2, sizeof *entries);
    DIR *directory = entries != NULL ? fdopendir(fd) : NULL;
    if (directory == NULL) {
        free(entries);
        close(fd);
        return -ENOMEM;
    }
    size_t count = read_entries(root_fd, directory, path, entries, &complete);
    closedir(directory);
    qsort(entries, count, sizeof *entries, compare);
    int result = answer_page(response, path, entries, count, complete);
    free(entries);
    return result;
}
