/* stage2: the program of the second chapter, as a function. */
#ifndef STAGE2_H
#define STAGE2_H

struct server_extensions;

/*
 * Thread: main. Returns the exit status: 0, 1 (could not run), 2 (bad command line or extensions).
 */
int stage2_main(int argc, char **argv, const struct server_extensions *extensions);

#endif
