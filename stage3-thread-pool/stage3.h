/* stage3: the program of the third chapter, as a function. */
#ifndef STAGE3_H
#define STAGE3_H

struct server_extensions;

/*
 * Thread: main. Returns the exit status: 0, 1 (could not run), 2 (bad command line or extensions).
 */
int stage3_main(int argc, char **argv, const struct server_extensions *extensions);

#endif
