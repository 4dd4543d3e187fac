/*
 * client: a TCP client as a plain descriptor. Every wait is bounded by patience_ms; whatever goes
 * wrong fails the test with what was expected and what came.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "server_process.h"

#include <poll.h>

/* Connects; the result is to be closed by close or client_reset. */
int client_connect(const struct server_process *server);

/* The same with socket buffers of about so many bytes, which are set before connecting; 0: as
 * usual.
 */
int client_connect_with_buffers(const struct server_process *server, int receive, int send);

/* Gives a small receive buffer a usual size again, so that the rest comes faster. */
void client_widen(int fd);

/* Waits for readiness, POLLIN or POLLOUT. `what` is for the message if it does not come. */
void client_await(int fd, short events, const char *what);

/* Whether there is something to read, or an end, right now. */
bool client_readable(int fd);

void client_send_all(int fd, const void *bytes, size_t length);
void client_receive_exactly(int fd, void *into, size_t length);

/* Nothing more will be sent: FIN. */
void client_finish_sending(int fd);

/* The next thing that comes is the end of the stream, and no reset. Closes the descriptor. */
void client_expect_end(int fd);

/* Whatever comes is read, up to the end of the stream, and no reset. Closes the descriptor. */
void client_read_to_end(int fd);

/* Closes with a reset (RST) instead of a FIN. Also leaves no TIME_WAIT behind. */
void client_reset(int fd);

/* Sends one byte and receives it back from an echo server. */
void client_round_trip(int fd);

/* client_reset for many. */
void clients_reset(const int fds[], size_t count);

#endif
