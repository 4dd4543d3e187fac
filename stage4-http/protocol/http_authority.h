/* http_authority: the name of a host and maybe a port, as in Host and in absolute-form. */
#ifndef HTTP_AUTHORITY_H
#define HTTP_AUTHORITY_H

#include <stdbool.h>

/*
 * RFC 9110, 7.2 and RFC 3986, 3.2: host [":" port], where the host may be "[" IPv6 "]". Userinfo is
 * refused, and so is an empty host.
 */
bool http_is_authority(const char *text, const char *end);

/* Whether an authority has a port, and not an empty one. */
bool http_authority_has_port(const char *text, const char *end);

#endif
