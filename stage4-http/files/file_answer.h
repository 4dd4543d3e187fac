/*
 * file_answer: the answer to a request for one file that is open.
 *
 * 200, or what conditions (304, 412) and ranges (206, 416) make of it. Up to 16 KiB are read at
 * once and leave with the head in one write; more comes from a file_source.
 */
#ifndef FILE_ANSWER_H
#define FILE_ANSWER_H

#include "http_request.h"
#include "http_response.h"

#include <sys/stat.h>

/*
 * Owns fd; `info` is its fstat(2), the end of `path` tells the type. What is no regular file is
 * 404. The method is GET or HEAD.
 */
void file_answer(const struct http_request *request, struct http_response *response, int fd,
                 const char *path, const struct stat *info);

#endif
