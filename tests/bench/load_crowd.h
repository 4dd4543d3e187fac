/*
 * load_crowd: connections that are opened, asked for one answer each if there is a path, and then
 * do nothing but stay until standard input ends.
 */
#ifndef LOAD_CROWD_H
#define LOAD_CROWD_H

#include "load_options.h"

/* Prints `ready` when all are there, and the JSON at the end. Returns the exit status. */
int load_crowd_run(const struct load_options *options);

#endif
