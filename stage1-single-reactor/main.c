#include "stage1.h"

#include <stddef.h>

int main(int argc, char **argv)
{
    return stage1_main(argc, argv, NULL);
}
