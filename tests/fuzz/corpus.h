/* corpus: the seeds of a folder, in the order of their names. */
#ifndef CORPUS_H
#define CORPUS_H

#include <stddef.h>

struct seed {
    char *path;
    char *bytes;
    size_t length;
};

struct corpus {
    struct seed *seeds;
    size_t count;
};

/* Ends the process if there is nothing to read. */
struct corpus corpus_read(const char *folder);
struct seed corpus_read_seed(const char *path);
void corpus_release(struct corpus *corpus);
void corpus_release_seed(struct seed *seed);

#endif
