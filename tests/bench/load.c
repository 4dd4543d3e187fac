/*
 * load: a load generator on the loop of stage 2. One process, one thread; the result is one line of
 * JSON on standard output, in nanoseconds and bytes.
 *
 *     load http  --port=N [--path=/hello] [--pipeline=1] [--close=on] [--rate=N]
 *     load echo  --port=N [--size=64] [--rate=N]
 *     load idle  --port=N --connections=N [--path=/hello]
 *     load storm --port=N [--size=64]
 *
 * and --host, --connections, --duration, --grace. Its end: 0 if it ran, whatever it met (`errors`);
 * 1 if the server cannot be reached or a crowd of idle connections never was complete; 2 for a bad
 * command line.
 */
#include "load_crowd.h"
#include "load_options.h"
#include "load_traffic.h"

int main(int argc, char **argv)
{
    struct load_options options;
    int status;

    if (!load_options_parse(argc, argv, &options, &status)) {
        return status;
    }
    return options.mode == LOAD_IDLE ? load_crowd_run(&options) : load_traffic_run(&options);
}
