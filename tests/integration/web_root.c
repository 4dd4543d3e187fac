#include "web_root.h"

#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];
static char option[sizeof folder + 16];

/* What a path below the folder is to be: text, so many bytes, a link, or "/" for a directory. */
static const struct {
    const char *path;
    const char *text;
    size_t size;
    const char *link;
} entries[] = {
    {.path = "secret.txt", .text = "SECRET"},
    {.path = "root", .text = "/"},
    {.path = "root-too", .text = "/"},
    {.path = "root-too/secret.txt", .text = "SECRET"},
    {.path = "root/index.html", .text = "<html>the root's index</html>\n"},
    {.path = "root/plain.txt", .text = "plain\n"},
    {.path = "root/with space.txt", .text = "space\n"},
    {.path = "root/per%41cent.txt", .text = "percent\n"},
    {.path = "root/\xc3\xbc.txt", .text = "umlaut\n"},
    {.path = "root/a+b&c=d;e.txt", .text = "signs\n"},
    {.path = "root/...", .text = "SECRET"},
    {.path = "root/.env", .text = "SECRET"},
    {.path = "root/.git", .text = "/"},
    {.path = "root/.git/config", .text = "SECRET"},
    {.path = "root/.well-known", .text = "/"},
    {.path = "root/.well-known/security.txt", .text = "known\n"},
    {.path = "root/empty.bin", .text = ""},
    {.path = "root/1-byte.bin", .size = 1},
    {.path = "root/16384-bytes.bin", .size = 16384},
    {.path = "root/16385-bytes.bin", .size = 16385},
    {.path = "root/300000-bytes.bin", .size = 300000},
    {.path = "root/big.bin", .size = WEB_ROOT_BIG},
    {.path = "root/sub", .text = "/"},
    {.path = "root/sub/index.html", .text = "<html>the index of sub</html>\n"},
    {.path = "root/sub/page.html", .text = "<html>a page</html>\n"},
    {.path = "root/bare", .text = "/"},
    {.path = "root/link-inside", .link = "plain.txt"},
    {.path = "root/sub/link-inside", .link = "../plain.txt"},
    {.path = "root/link-outside", .link = "../secret.txt"},
    {.path = "root/link-to-parent", .link = ".."},
    {.path = "root/link-to-sibling", .link = "../root-too"},
    {.path = "root/link-to-system", .link = "/etc/passwd"},
    {.path = "root/link-to-itself", .link = "link-to-itself"},
};

static unsigned char byte_at(size_t position)
{
    return (unsigned char)((position * 2654435761U) >> 13);
}

int web_root_same(const void *bytes, size_t position, size_t length)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < length; i++) {
        if (byte[i] != byte_at(position + i)) {
            return 0;
        }
    }
    return 1;
}

static int write_file(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "we");

    if (file == NULL) {
        return -1;
    }
    if (text != NULL) {
        fputs(text, file);
    }
    for (size_t i = 0; i < size; i++) {
        putc(byte_at(i), file);
    }
    return fclose(file);
}

static int make(const char *path, const char *text, size_t size, const char *link)
{
    if (link != NULL) {
        return symlink(link, path);
    }
    return text != NULL && strcmp(text, "/") == 0 ? mkdir(path, 0700)
                                                  : write_file(path, text, size);
}

void web_root_create(void)
{
    const char *parent = getenv("TMPDIR");
    char path[2 * sizeof folder];

    snprintf(folder, sizeof folder, "%s/reactor-lab-XXXXXX", parent != NULL ? parent : "/tmp");
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        exit(2);
    }
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i].path);
        if (make(path, entries[i].text, entries[i].size, entries[i].link) != 0) {
            perror(path);
            web_root_remove();
            exit(2);
        }
    }
    /* A file that would block whoever opens it in the plain way. */
    snprintf(path, sizeof path, "%s/root/pipe", folder);
    if (mkfifo(path, 0600) != 0) {
        perror(path);
        web_root_remove();
        exit(2);
    }
    snprintf(option, sizeof option, "--root=%s/root", folder);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

void web_root_remove(void)
{
    enum { OPEN_FOLDERS = 8 };

    nftw(folder, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

const char *web_root_folder(void)
{
    return folder;
}

const char *web_root_option(void)
{
    return option;
}
