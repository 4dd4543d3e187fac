#include "check_groups.h"

#include "grader.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;  /* all trees */
static char *outside; /* what is around the tree of this check */
static char *mount;

/* printf into memory that the caller frees. */
static char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text_of(const char *format, ...)
{
    char *text;
    va_list values;

    va_start(values, format);
    int length = vasprintf(&text, format, values);
    va_end(values);
    if (length < 0) {
        perror("grader");
        exit(EXIT_FAILURE);
    }
    return text;
}

void groups_create_folder(void)
{
    const char *temporary = getenv("TMPDIR");

    folder = text_of("%s/reactor-lab-XXXXXX", temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        exit(EXIT_FAILURE);
    }
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void groups_remove_folder(void)
{
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

static void make_folder(const char *path)
{
    ck_assert_msg(mkdir(path, 0700) == 0 || errno == EEXIST, "%s: %s", path, strerror(errno));
}

/* Makes the folders of a group and of those above it. Returns the path of its cpu.max. */
static char *make_group(const char *group)
{
    if (strcmp(group, "/") == 0) {
        return text_of("%s/cpu.max", mount);
    }
    char *path = text_of("%s%s", mount, group);
    for (char *end = path + strlen(mount) + 1; (end = strchr(end, '/')) != NULL; end++) {
        *end = '\0';
        make_folder(path);
        *end = '/';
    }
    make_folder(path);
    char *file = text_of("%s/cpu.max", path);
    free(path);
    return file;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    ck_assert_msg(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, "%s: %s", path,
                  strerror(errno));
}

/* A check's own process makes its tree, so its number makes the name unique. */
void groups_begin(void)
{
    outside = text_of("%s/%d", folder, (int)getpid());
    mount = text_of("%s/tree", outside);
    make_folder(outside);
    make_folder(mount);
}

void groups_end(void)
{
    free(mount);
    free(outside);
}

const char *groups_mount(void)
{
    return mount;
}

/* The step has the text as it is read: without the end of the line. */
void groups_set(const char *group, const char *text)
{
    char *file = make_group(group);

    grader_step("group %s: cpu.max is '%.*s'", group, (int)strcspn(text, "\n"), text);
    write_file(file, text);
    free(file);
}

void groups_set_unreadable(const char *group)
{
    char *file = make_group(group);

    grader_step("group %s: cpu.max cannot be read, for it is a folder", group);
    make_folder(file);
    free(file);
}

void groups_set_outside(const char *text)
{
    char *file = text_of("%s/cpu.max", outside);

    grader_step("the folder above the mount has a file cpu.max, which is '%.*s'",
                (int)strcspn(text, "\n"), text);
    write_file(file, text);
    free(file);
}
