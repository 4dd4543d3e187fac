/* ./lab run S3-least-connections --threads=4 --policy=least-connections */
#include "selection_policy.h"
#include "stage3.h"

extern const struct selection_policy least_connections;

int main(int argc, char **argv)
{
    const struct selection_policy *const policies[] = {&least_connections, NULL};

    return stage3_main(argc, argv, &(struct server_extensions){.policies = policies});
}
