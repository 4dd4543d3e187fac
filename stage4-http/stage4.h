/* stage4: the program of the fourth chapter, as a function. */
#ifndef STAGE4_H
#define STAGE4_H

struct server_extensions;

/*
 * Thread: main. Returns the exit status: 0, 1 (could not run), 2 (bad command line or extensions).
 */
int stage4_main(int argc, char **argv, const struct server_extensions *extensions);

#endif
