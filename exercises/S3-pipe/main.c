/* ./lab run S3-pipe --threads=3 --wakeup=pipe */
#include "server_extensions.h"
#include "stage3.h"
#include "wakeup.h"

extern const struct wakeup pipe_wakeup;

int main(int argc, char **argv)
{
    const struct wakeup *const wakeups[] = {&pipe_wakeup, NULL};

    return stage3_main(argc, argv, &(struct server_extensions){.wakeups = wakeups});
}
