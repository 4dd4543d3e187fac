/* mime: the Content-Type of a file, by the end of its name. */
#ifndef MIME_H
#define MIME_H

/* Returns a literal; "application/octet-stream" if the ending is unknown or there is none. */
const char *mime_type(const char *path);

#endif
