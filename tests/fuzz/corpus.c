#include "corpus.h"

#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct seed corpus_read_seed(const char *path)
{
    struct stat info;
    FILE *file = fopen(path, "re");

    fuzz_require(file != NULL && fstat(fileno(file), &info) == 0, "%s: %s", path, strerror(errno));
    size_t length = (size_t)info.st_size;
    struct seed seed = {.path = strdup(path), .bytes = malloc(length + 1), .length = length};
    fuzz_require(seed.path != NULL && seed.bytes != NULL, "no memory for %s", path);
    fuzz_require(fread(seed.bytes, 1, length, file) == length, "%s: %s", path, strerror(errno));
    fclose(file);
    return seed;
}

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort: its order follows the locale */
}

struct corpus corpus_read(const char *folder)
{
    struct dirent **entries;
    char path[PATH_MAX];
    int count = scandir(folder, &entries, is_seed, by_name);

    fuzz_require(count > 0, "no seeds in %s", folder);
    struct corpus corpus = {calloc((size_t)count, sizeof *corpus.seeds), (size_t)count};
    fuzz_require(corpus.seeds != NULL, "no memory for %d seeds", count);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        corpus.seeds[i] = corpus_read_seed(path);
        free(entries[i]);
    }
    free(entries);
    return corpus;
}

void corpus_release_seed(struct seed *seed)
{
    free(seed->path);
    free(seed->bytes);
}

void corpus_release(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++) {
        corpus_release_seed(&corpus->seeds[i]);
    }
    free(corpus->seeds);
}
