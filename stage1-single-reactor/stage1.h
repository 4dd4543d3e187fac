/* stage1: the program of the first chapter, as a function. */
#ifndef STAGE1_H
#define STAGE1_H

struct server_extensions;

/* Thread: main. Returns the exit status: 0, 1 (could not run), 2 (bad command line). */
int stage1_main(int argc, char **argv, const struct server_extensions *extensions);

#endif
