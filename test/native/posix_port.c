/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests only: native/ports/posix by itself. Prints its source's numbers, the time, and samples before
 * and after a fork, in hexadecimal.
 */
#include "etls_port.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT 32u

static void print_samples(const etls_source *source)
{
    uint8_t samples[COUNT];
    int32_t count = source->poll(samples, COUNT);
    for (int32_t i = 0; i < count; i++) {
        printf("%02x", samples[i]);
    }
    printf("\n");
    fflush(stdout);
}

int main(void)
{
    const etls_source *source = etls_port_source(0);
    printf("%s %d %d %d %d %d\n", source->name, source->width, source->credit, source->repetitions,
           source->proportion, etls_port_source(1) == NULL);
    printf("%lld %lld\n", (long long) etls_port_time(), (long long) etls_port_uptime());
    fflush(stdout);
    pid_t child = fork();
    print_samples(source);
    return child > 0 && wait(NULL) != child;
}
