/* echo: the application of stages 1 to 3. What comes in goes out. */
#ifndef ECHO_H
#define ECHO_H

#include "tcp_connection.h"

extern const struct tcp_connection_callbacks echo_callbacks;

#endif
