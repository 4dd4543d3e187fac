/*
 * messages: the seeds of the fuzz targets as whole requests.
 *
 * A head is one; a body gets a head before it, and a target gets the rest of a request around it.
 */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <stddef.h>

/* Reads the seeds from the folder of the corpora and the words for mutants from the dictionary. */
void messages_read(const char *folder, const char *dictionary);

size_t messages_count(void);

/* Of the message at this place: "body/empty". */
const char *messages_name(size_t place);

/* Mutant 0 is the seed itself. Returns the length; the bytes are good until the next call. */
size_t messages_make(size_t place, unsigned mutant, const char **ret_bytes);

#endif
