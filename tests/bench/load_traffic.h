/*
 * load_traffic: requests for a while, in a closed loop (each client asks again as soon as it is
 * answered) or an open one (requests are due at fixed times, see load_schedule).
 */
#ifndef LOAD_TRAFFIC_H
#define LOAD_TRAFFIC_H

#include "load_options.h"

/* Runs it and prints the JSON. Returns the exit status. */
int load_traffic_run(const struct load_options *options);

#endif
