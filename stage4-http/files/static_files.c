#include "static_files.h"

#include "file_answer.h"
#include "file_cache.h"
#include "listing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct static_files {
    int root_fd;
    bool listing;
};

int static_files_create(const struct static_files_config *config, struct static_files **ret_files)
{
    struct static_files *files = malloc(sizeof *files);

    if (files == NULL) {
        return -ENOMEM;
    }
    files->root_fd = open(config->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (files->root_fd < 0) {
        int error = errno;
        free(files);
        return -error;
    }
    files->listing = config->listing;
    *ret_files = files;
    return 0;
}

void static_files_destroy(struct static_files *files)
{
    if (files != NULL) {
        close(files->root_fd);
        free(files);
    }
}

static void answer_error(struct http_response *response, int error)
{
    switch (error) {
    case EACCES:
        http_response_error(response, 403);
        break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
        http_response_error(response, 503); /* our trouble, and it passes */
        break;
    case EIO:
        http_response_error(response, 500);
        break;
    default:
        http_response_error(response, 404); /* among them -EXDEV: what is outside does not exist */
        break;
    }
}

/* So that relative links work, a directory has to be asked for with a slash at the end. */
static void redirect_to_slash(const struct http_request *request, struct http_response *response)
{
    struct http_span path = http_request_text(request, request->target_path);
    struct http_span query = http_request_text(request, request->query);
    struct buffer location = {0};

    int result = buffer_printf(&location, "%.*s/%s%.*s%c", (int)path.length, path.data,
                               query.length > 0 ? "?" : "", (int)query.length, query.data, '\0');
    http_response_error(response, result < 0 ? 503 : 301);
    if (result == 0) {
        http_response_add_field(response, "Location", buffer_data(&location));
    }
    buffer_release(&location);
}

static void answer_directory(const struct static_files *files, struct file_cache *cache,
                             const struct http_request *request, struct http_response *response)
{
    struct buffer index = {0};
    struct open_file *file;
    int result = -ENOMEM;

    if (request->path.data[request->path.length - 1] != '/') {
        redirect_to_slash(request, response);
        return;
    }
    if (buffer_printf(&index, "%sindex.html%c", request->path.data + 1, '\0') == 0) {
        result = file_cache_open(cache, files->root_fd, buffer_data(&index), &file);
    }
    buffer_release(&index);
    if (result == 0) {
        file_answer(request, response, file);
        open_file_unref(file);
        return;
    }
    if (result == -ENOENT && files->listing) {
        result = listing_answer(response, files->root_fd, request->path.data);
    }
    if (result < 0) {
        answer_error(response, -result);
    }
}

/*
 * Nobody means to serve ".git" or ".env". What ".well-known" stands for is there to be found (RFC
 * 8615).
 */
static bool is_hidden(const char *path)
{
    static const char well_known[] = "/.well-known/";
    size_t length = sizeof well_known - 1;

    return strstr(strncmp(path, well_known, length) == 0 ? path + length - 1 : path, "/.") != NULL;
}

/* The loop's. On a worker, or without memory for it, there is none: all that costs is time. */
static struct file_cache *cache_of(const struct http_context *context)
{
    if (context->local == NULL) {
        return NULL;
    }
    if (*context->local == NULL) {
        *context->local = file_cache_create(context->reactor);
    }
    return *context->local;
}

void static_files_release_local(void *local)
{
    file_cache_destroy(local);
}

void static_files_handler(struct http_request *request, struct http_response *response,
                          const struct http_context *context)
{
    const struct static_files *files = context->user;
    struct file_cache *cache = cache_of(context);
    const char *path = request->path.data + 1; /* without the slash in front */
    struct open_file *file;

    /* "//host" in a redirect would lead to another host; no file has an empty name anyway. */
    if (strstr(request->path.data, "//") != NULL || is_hidden(request->path.data)) {
        http_response_error(response, 404);
        return;
    }
    int result = file_cache_open(cache, files->root_fd, *path != '\0' ? path : ".", &file);
    if (result < 0) {
        answer_error(response, -result);
        return;
    }
    bool is_directory = S_ISDIR(file->info.st_mode);
    if (!is_directory) {
        file_answer(request, response, file);
    }
    open_file_unref(file);
    if (is_directory) {
        answer_directory(files, cache, request, response); /* its descriptor may be the last one */
    }
}
