/* test_http_connection: its cases, one file a TCase. */
#ifndef TEST_HTTP_CONNECTION_H
#define TEST_HTTP_CONNECTION_H

#include "sockets.h"
#include "suite_runner.h"
#include "client_fixture.h"
#include "server_fixture.h"

TCase *http_connection_bodies(void);
TCase *http_connection_ending(void);
TCase *http_connection_numbers(void);
TCase *http_connection_patience(void);
TCase *http_connection_memory(void);
TCase *http_connection_offload(void);
TCase *http_connection_offload_ending(void);
TCase *http_connection_offload_short(void);
TCase *http_connection_pipelining(void);
TCase *http_connection_pressure(void);
TCase *http_connection_reading(void);
TCase *http_connection_locals(void);
TCase *http_connection_requests(void);
TCase *http_connection_sources(void);
TCase *http_connection_sources_short(void);
TCase *http_connection_streaming(void);

/* Fixtures: a server with the limits of the shipped one, and its end. */
void open_default_server(void);

enum { SHORT_MS = 100, LONG_MS = 3600000, DRIP_MS = 10 };

/* A server that is patient in everything but what the caller then makes short. */
struct server_fixture_config patient_config(void);

#define GET(target) "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"
#define HELLO "Hello, world!\n"

#endif
