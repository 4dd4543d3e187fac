/*
 * file_answer: the answer to a request for one file that is open.
 *
 * 200, or what conditions (304, 412) and ranges (206, 416) make of it. Up to 16 KiB are read at
 * once and leave with the head in one write; more comes from a file_source.
 */
#ifndef FILE_ANSWER_H
#define FILE_ANSWER_H

#include "http_request.h"
#include "open_file.h"

/* What is no regular file is 404. The method is GET or HEAD. A body from a source keeps it. */
void file_answer(const struct http_request *request, struct http_response *response,
                 struct open_file *file);

#endif
