/*
 * proxy_traffic: a proxy in front of the server under test, and what has to come through it.
 *
 * The proxy listens on a socket of the file system, so that no port has to be found for it, and
 * curl is the client: the first tool of a program that uses this.
 */
#ifndef PROXY_TRAFFIC_H
#define PROXY_TRAFFIC_H

#include "server_process.h"

/* Copies a configuration here, with a port of the servers instead of each @PORT@, in order. */
void proxy_configure(const char *name, const struct server_process *const servers[]);

/* Starts a proxy and returns once it listens on the socket. */
struct server_process *proxy_start(int tool, const char *const *words, const char *socket);

/* Sends `count` requests one after the other; each must be answered with 200. */
void proxy_expect_answers(const struct server_process *proxy, int count);

/* The kinds of traffic; one may want the server to be started with an option, or it is NULL. */
int proxy_traffic_count(void);
const char *proxy_traffic_server_option(int i);
void proxy_traffic_run(int i, const struct server_process *server,
                       const struct server_process *proxy);

#endif
