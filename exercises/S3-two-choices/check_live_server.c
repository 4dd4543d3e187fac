/* The window on the real server is that of S3-least-connections. */
#include "../S3-least-connections/check_live_server.c"
